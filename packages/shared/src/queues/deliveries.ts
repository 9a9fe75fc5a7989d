import type { JobsOptions, Queue } from 'bullmq';
import { z } from 'zod';
import type { KeyNames, RedisClient } from '../redis/index.ts';
import { openQueue } from './openQueue.ts';

/** What a job of the queue of deliveries carries: ids. The delivery's record is the truth. */
export const DeliveryJob = z.object({ v: z.literal(1), key_id: z.string(), delivery_id: z.string() });
export type DeliveryJob = z.infer<typeof DeliveryJob>;

export type DeliveryQueue = Queue<DeliveryJob>;

export const deliveryQueueName = 'deliveries';

/** Tries are ours: a job that throws met a fault of Redis or of ours, and is taken up again. */
const jobOptions = {
  attempts: 1_000_000,
  backoff: { type: 'fixed', delay: 5000, jitter: 0.5 },
  removeOnComplete: true,
  removeOnFail: { count: 1000 },
  stackTraceLimit: 3,
} as const satisfies JobsOptions;

/** Opens the queue of deliveries on a connection that its owner closes. */
export function deliveryQueue(redis: RedisClient, keys: KeyNames): DeliveryQueue {
  return openQueue(deliveryQueueName, redis, keys.deliveryPrefix());
}

/** Has deliveries made. Adding one that waits again adds nothing. */
export async function addDeliveryJobs(queue: DeliveryQueue, jobs: readonly Omit<DeliveryJob, 'v'>[]): Promise<void> {
  if (jobs.length === 0) return;
  await queue.addBulk(
    jobs.map((job) => ({ name: 'delivery', data: { v: 1, ...job }, opts: { ...jobOptions, jobId: job.delivery_id } })),
  );
}
