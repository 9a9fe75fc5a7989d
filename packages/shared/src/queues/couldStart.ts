import type { Queue } from 'bullmq';

/**
 * Whether a job of a queue waits that an idle worker may start now: the queue is not paused, and its cap over all
 * workers is not reached.
 * @throws when Redis does not answer
 */
export async function couldStart(queue: Queue): Promise<boolean> {
  const { wait = 0, prioritized = 0, active = 0 } = await queue.getJobCounts('wait', 'prioritized', 'active');
  if (wait + prioritized === 0 || (await queue.isPaused())) return false;
  const cap = await queue.getGlobalConcurrency();
  return cap === null || active < cap;
}
