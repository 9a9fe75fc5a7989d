import type { GenerationQueue } from '@darkroom/shared/queues';
import { isFinalState, isTaskId, type PartState } from '@darkroom/shared/tasks';
import type { Duty, UpkeepDeps } from './deps.ts';
import { shareOf } from './share.ts';

/** Where a job stands that nobody works on. */
const waitingLists = ['wait', 'prioritized', 'delayed'] as const;

const pageSize = 500;

/**
 * Removes waiting jobs whose task has ended or gone. The record is always written before the job, so a job without one
 * is never a task on its way.
 */
export const removeDeadJobs: Duty = async (deps) => {
  let jobs_removed = 0;
  for (const queue of deps.queues.values()) {
    for (const jobId of await deadJobs(deps, queue)) jobs_removed += await queue.remove(jobId);
  }
  return { jobs_removed };
};

/** All are found before the first is removed, so that removing them does not shift the pages. */
async function deadJobs(deps: UpkeepDeps, queue: GenerationQueue): Promise<string[]> {
  const dead: string[] = [];
  for (const list of waitingLists) {
    const size = await queue.getJobCountByTypes(list);
    const { index, count } = shareOf(deps, size);
    const end = Math.ceil((size * (index + 1)) / count);
    for (let first = Math.floor((size * index) / count); first < end && !deps.isClosing(); first += pageSize) {
      const jobIds = await queue.getRanges([list], first, Math.min(end, first + pageSize) - 1, true);
      const judged = await Promise.all(jobIds.map(async (jobId) => ({ jobId, isDead: await isDead(deps, jobId) })));
      dead.push(...judged.filter((job) => job.isDead).map((job) => job.jobId));
    }
  }
  return dead;
}

async function isDead({ records }: UpkeepDeps, jobId: string): Promise<boolean> {
  const [, id = '', part] = /^(task_[^-]+)-(\d+)$/.exec(jobId) ?? [];
  if (!isTaskId(id)) return false;
  const state = await records.redis.hget(records.keys.task(id), `p${part}.state`);
  return state === null || isFinalState(state as PartState);
}
