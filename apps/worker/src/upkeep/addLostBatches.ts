import { addBatchJob, wakeBatchJob } from '@darkroom/shared/queues';
import type { Repairs, UpkeepDeps } from './deps.ts';

/** A record this young may just be getting its job. */
const graceMs = 10_000;

/**
 * Adds the jobs of batches that have none, and wakes those of canceled ones: the API died, or Redis was away, between
 * record and job.
 */
export async function addLostBatches({ records, batches, now }: UpkeepDeps): Promise<Repairs> {
  let batch_jobs_added = 0;
  for (const shard of records.keys.shards()) {
    for (const id of await records.redis.zrangebyscore(shard.batches, '-inf', now() - graceMs)) {
      if ((await records.redis.hget(records.keys.batch(id), 'status')) === 'cancelling')
        await wakeBatchJob(batches, id);
      if ((await records.redis.exists(batches.toKey(id))) === 1) continue;
      await addBatchJob(batches, id);
      batch_jobs_added++;
    }
  }
  return { batch_jobs_added };
}
