import type { JobsOptions, Queue } from 'bullmq';
import { z } from 'zod';
import type { KeyNames, RedisClient } from '../redis/index.ts';
import { openQueue } from './openQueue.ts';

/** What a job of the queue of batches carries: an id. The batch's record is the truth. */
export const BatchJob = z.object({ v: z.literal(1), batch_id: z.string() });
export type BatchJob = z.infer<typeof BatchJob>;

export type BatchQueue = Queue<BatchJob>;

export const batchQueueName = 'batches';

/** A batch's job is run until its batch has ended, and leaves nothing behind that would keep it from being added again. */
const jobOptions = {
  attempts: 1_000_000,
  backoff: { type: 'fixed', delay: 2000, jitter: 0.5 },
  removeOnComplete: true,
  removeOnFail: true,
  keepLogs: 40,
  stackTraceLimit: 3,
} as const satisfies JobsOptions;

/** Opens the queue of batches on a connection that its owner closes. */
export function batchQueue(redis: RedisClient, keys: KeyNames): BatchQueue {
  return openQueue(batchQueueName, redis, keys.batchPrefix());
}

/** Has a removed batch's tasks and files removed. Adding it again adds nothing, also beside the job that ran it. */
export async function addRemovalJob(queue: BatchQueue, batchId: string): Promise<void> {
  await queue.add('remove', { v: 1, batch_id: batchId }, { ...jobOptions, jobId: removalJobId(batchId) });
}

export const removalJobId = (batchId: string) => `${batchId}-remove`;

/** Has a batch run. Adding it again adds nothing. */
export async function addBatchJob(queue: BatchQueue, batchId: string): Promise<void> {
  await queue.add('batch', { v: 1, batch_id: batchId }, { ...jobOptions, jobId: batchId });
}

/** Has a batch looked at now that was put off to a time. One that waits or runs is left alone. */
export async function wakeBatchJob(queue: BatchQueue, batchId: string): Promise<void> {
  const job = await queue.getJob(batchId);
  if (!job || !(await job.isDelayed())) return;
  // It may have come up by itself in between, which is all that is wanted.
  await job.promote().catch(async (error: Error) => {
    if (await job.isDelayed()) throw error;
  });
}
