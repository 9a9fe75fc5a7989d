import { appendEvent } from '../events/index.ts';
import type { TaskRecord } from '../tasks/index.ts';
import { type DispatchDeps, dispatchTaskStart } from '../webhooks/index.ts';

/** What is to be done about a task that has begun or come further: who wants to hear of it is told. */
export function beginsNoted(deps: DispatchDeps) {
  return {
    async noteStart(task: TaskRecord): Promise<void> {
      await appendEvent(deps.records, task, 'task.started', deps.now());
      await dispatchTaskStart(deps, task);
    },
    noteProgress: (task: TaskRecord, part: number, percent: number): Promise<void> =>
      appendEvent(deps.records, task, 'task.progress', deps.now(), `${part}:${percent}`),
  };
}
