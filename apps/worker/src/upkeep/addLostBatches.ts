import { addBatchJob } from '@darkroom/shared/queues';
import type { Repairs, UpkeepDeps } from './deps.ts';

/** A record this young may just be getting its job. */
const graceMs = 10_000;

/** Adds the jobs of batches that have none: the API died, or Redis was away, between record and job. */
export async function addLostBatches({ records, batches, now }: UpkeepDeps): Promise<Repairs> {
  let batch_jobs_added = 0;
  for (const shard of records.keys.shards()) {
    for (const id of await records.redis.zrangebyscore(shard.batches, '-inf', now() - graceMs)) {
      if ((await records.redis.exists(batches.toKey(id))) === 1) continue;
      await addBatchJob(batches, id);
      batch_jobs_added++;
    }
  }
  return { batch_jobs_added };
}
