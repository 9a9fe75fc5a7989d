import { noteTaskEnd } from '../batches/index.ts';
import { appendEvent, eventOf } from '../events/index.ts';
import { returnPlace, type TaskRecord } from '../tasks/index.ts';
import { type DispatchDeps, dispatchTaskEnd } from '../webhooks/index.ts';

/**
 * What is to be done about every task that has ended, whoever ended it: its place is free, its batch counts it, and who
 * wants to hear of it is told. Doing it twice is doing it once.
 */
export function endsNoted(deps: DispatchDeps): (task: TaskRecord) => Promise<void> {
  return async (task) => {
    if (task.placed) await returnPlace(deps.records, task);
    await appendEvent(deps.records, task, eventOf(task.status), deps.now());
    await noteTaskEnd(deps.records, task);
    await dispatchTaskEnd(deps, task);
  };
}
