import { addGenerationJobs, type GenerationQueue } from '@darkroom/shared/queues';
import { isFinalState, jobIdOf, readTask, unlessTooNew } from '@darkroom/shared/tasks';
import type { UpkeepDeps } from './deps.ts';
import type { OpenTask } from './openTasks.ts';

/** A record this young may just be getting its job. */
const graceMs = 10_000;

/**
 * Adds the jobs of unfinished tasks that have none: the API died, or Redis was away, between record and job. A part
 * that is worked on has its job, so it is left alone.
 * @returns how many jobs were added
 */
export async function addLostJobs(deps: UpkeepDeps, tasks: readonly OpenTask[]): Promise<number> {
  const old = tasks.filter((task) => task.changed_at_ms <= deps.now() - graceMs);
  const counts = await Promise.all(
    old.flatMap(({ id, parts }) =>
      parts.map(async ({ index, channel }) => {
        const queue = deps.queues.get(channel);
        if (!queue) return 0;
        const job = await stateOf(deps, queue, jobIdOf(id, index));
        if (job === 'there') return 0;
        // It ended although its part had not; its remains would keep a new one from being added.
        if (job === 'ended') await queue.remove(jobIdOf(id, index));
        return addJob(deps, queue, id, index);
      }),
    ),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

async function stateOf({ records }: UpkeepDeps, queue: GenerationQueue, jobId: string) {
  const [timestamp, finishedOn] = await records.redis.hmget(queue.toKey(jobId), 'timestamp', 'finishedOn');
  if (timestamp === null) return 'missing';
  return finishedOn === null ? 'there' : 'ended';
}

async function addJob(deps: UpkeepDeps, queue: GenerationQueue, id: OpenTask['id'], index: number): Promise<number> {
  const task = await readTask(deps.records, id).catch(unlessTooNew);
  // It may have ended while the sweep looked at it.
  if (!task || isFinalState(task.parts[index]!.state)) return 0;
  const part_sizes = task.parts.map(({ n }) => n);
  const { key_id, weight, priority, request } = task;
  await addGenerationJobs(deps.records.redis, queue, {
    id,
    key_id,
    weight,
    priority,
    model: request.model,
    part_sizes,
    only: index,
  });
  return 1;
}
