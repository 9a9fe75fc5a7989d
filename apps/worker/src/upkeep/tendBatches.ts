import { type BatchId, forgetBatch, readBatch, removeBatch } from '@darkroom/shared/batches';
import { addRemovalJob, removalJobId } from '@darkroom/shared/queues';
import type { Duty } from './deps.ts';
import { oldestIn } from './oldestIn.ts';

/** A batch that was removed so lately may just be getting its job. */
const graceMs = 10_000;

/**
 * Has batches removed that ended longer ago than tasks are kept, and goes on with removals that nobody works on: the
 * process that began one died, or Redis was away, between the mark and its job.
 */
export const tendBatches: Duty = async (deps) => {
  const { records, batches, retention, now } = deps;
  const { redis, keys } = records;
  let batches_removed = 0;
  let batch_removals_resumed = 0;
  for (const { batches_ended, batches_removed: removals } of keys.shards()) {
    for await (const { id } of oldestIn<BatchId>(deps, batches_ended, now() - retention.tasks_ms)) {
      if ((await removeBatch(records, id, now())) !== 'removed') continue;
      await addRemovalJob(batches, id);
      batches_removed++;
    }
    for await (const { id } of oldestIn<BatchId>(deps, removals, now() - graceMs)) {
      if ((await redis.exists(batches.toKey(removalJobId(id)))) === 1) continue;
      const batch = await readBatch(records, id);
      if (batch?.removed_at_ms !== undefined) {
        await addRemovalJob(batches, id);
        batch_removals_resumed++;
      } else await forgetBatch(records, batch ?? { id, key_id: '' });
    }
  }
  return { batches_removed, batch_removals_resumed };
};
