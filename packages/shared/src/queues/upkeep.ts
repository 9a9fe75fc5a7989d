import type { JobSchedulerTemplateOptions, Queue } from 'bullmq';
import { z } from 'zod';
import type { KeyNames, RedisClient } from '../redis/index.ts';
import { openQueue } from './openQueue.ts';

/** What a job of the upkeep queue carries: nothing but its version. There is one kind: a sweep over everything. */
export const UpkeepJob = z.object({ v: z.literal(1) });
export type UpkeepJob = z.infer<typeof UpkeepJob>;

export type UpkeepQueue = Queue<UpkeepJob>;

export const upkeepQueueName = 'upkeep';

/** The one scheduler: however many workers name it, it makes one job an interval. */
const schedulerId = 'sweep';

/** A sweep that failed is not tried again: the next one finds what it left. A few stay for who looks. */
export const sweepJobOptions = {
  attempts: 1,
  removeOnComplete: { count: 20 },
  removeOnFail: { count: 100 },
} as const satisfies JobSchedulerTemplateOptions;

/** Opens the queue of upkeep on a connection that its owner closes. */
export function upkeepQueue(redis: RedisClient, keys: KeyNames): UpkeepQueue {
  return openQueue(upkeepQueueName, redis, keys.upkeepPrefix());
}

/** Has a sweep made every so often, the first at once; one at a time over all workers. */
export async function scheduleSweeps(queue: UpkeepQueue, every_ms: number): Promise<void> {
  await queue.setGlobalConcurrency(1);
  await queue.upsertJobScheduler(
    schedulerId,
    { every: Math.round(every_ms) },
    { name: 'sweep', data: { v: 1 }, opts: sweepJobOptions },
  );
}

/** The next sweep is far off when it is this many intervals ahead. */
const farIntervals = 2;

/**
 * Puts the schedule of sweeps right. The next one is placed by the clock of the worker that began the last one: where
 * that is wrong, sweeps would stop until its time comes; where Redis lost the job, for good.
 * @returns whether there was something to put right
 */
export async function mendSweeps(redis: RedisClient, queue: UpkeepQueue, every_ms: number): Promise<boolean> {
  const [seconds, micros] = await redis.time();
  const now = Number(seconds) * 1000 + Number(micros) / 1000;
  // Whoever has the wrong clock would place it wrongly again.
  if (Math.abs(Date.now() - now) > every_ms) return false;
  const { active = 0, waiting = 0, prioritized = 0 } = await queue.getJobCounts('active', 'waiting', 'prioritized');
  if (active + waiting + prioritized > 0) return false;
  const [next] = await queue.getDelayed(0, 0);
  const isFar = !next || next.timestamp + next.delay > now + farIntervals * every_ms + 1000;
  if (!isFar) return false;
  await queue.removeJobScheduler(schedulerId);
  await scheduleSweeps(queue, every_ms);
  return true;
}
