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
