import { type BatchId, type FileId, forgetFile, hasEnded, readBatch, readFile } from '@darkroom/shared/batches';
import type { Duty, UpkeepDeps } from './deps.ts';
import { oldestIn } from './oldestIn.ts';

/** Removes files of batches that were made longer ago than tasks are kept, but for those that a batch still reads. */
export const removeOldFiles: Duty = async (deps) => {
  const { records, store, retention, now } = deps;
  let files_removed = 0;
  let inUse: Set<string> | undefined;
  for (const { files } of records.keys.shards()) {
    for await (const { id } of oldestIn<FileId>(deps, files, now() - retention.tasks_ms)) {
      inUse ??= await filesInUse(deps);
      if (inUse.has(id)) continue;
      const file = await readFile(records, id);
      await store.removeFolder(id);
      await forgetFile(records, { id, key_id: file?.key_id ?? '' });
      files_removed++;
    }
  }
  return { files_removed };
};

/** Input files of all batches that have not ended, and of those whose failed lines such a batch is about to copy. */
async function filesInUse({ records }: UpkeepDeps): Promise<Set<string>> {
  const found = new Set<string>();
  for (const { batches } of records.keys.shards()) {
    for (const id of await records.redis.zrange(batches, 0, '-1')) {
      const batch = await readBatch(records, id as BatchId);
      if (!batch || hasEnded(batch)) continue;
      found.add(batch.input_file_id);
      const parent = batch.parent_id && (await readBatch(records, batch.parent_id as BatchId));
      if (parent) found.add(parent.input_file_id);
    }
  }
  return found;
}
