import { script } from '../redis/index.ts';
import type { Records } from '../tasks/index.ts';
import { type Batch, batchStatuses, hasEnded } from './batchRecord.ts';
import type { BatchId } from './ids.ts';

const run = {
  remove: script(new URL('./lua/removeBatch.lua', import.meta.url), {
    keys: ['batch', 'ended', 'removed'],
    args: ['id', 'ends', 'now'],
    returns: ['removed', 'unfinished', 'missing'],
  }),
  forget: script(new URL('./lua/forgetBatch.lua', import.meta.url), {
    keys: ['batch', 'open', 'refused', 'removed'],
    args: ['id'],
    returns: ['forgotten', 'taken_again'],
  }),
};

/**
 * Marks a batch as removed. From then on it is not shown; its tasks and files are for a worker to remove, and a sweep
 * sees to it that one does.
 * @returns 'removed'; 'unfinished' when it has not ended (nothing was changed); 'missing'
 * @throws when Redis does not answer
 */
export async function removeBatch({ redis, keys }: Records, id: BatchId, now_ms: number) {
  const { word } = await run.remove(
    redis,
    { batch: keys.batch(id), ended: keys.endedBatches(id), removed: keys.removedBatches(id) },
    { id, ends: batchStatuses.filter((status) => hasEnded({ status })).join(), now: now_ms },
  );
  return word;
}

/** Forgets a removed batch of which nothing else is left. Doing it again is fine. @throws when Redis does not answer */
export async function forgetBatch({ redis, keys }: Records, { id, key_id }: Pick<Batch, 'id' | 'key_id'>) {
  const { word } = await run.forget(
    redis,
    {
      batch: keys.batch(id),
      open: keys.openLines(id),
      refused: keys.refusedLines(id),
      removed: keys.removedBatches(id),
    },
    { id },
  );
  // An entry whose record is gone is harmless; one of a new batch stays.
  if (word === 'forgotten') await redis.zrem(keys.batchesOf(key_id), id);
  return word;
}

/** What of a batch says whether a file is still its own. */
export type FileReader = Pick<Batch, 'id' | 'status' | 'input_file_id'>;

/** Batches looked at in one go. */
const pageSize = 500;

/** Batches of a key that are not removed and whose input a file is, the newest first. */
export async function* readersOf({ redis, keys }: Records, keyId: string, fileId: string): AsyncGenerator<FileReader> {
  for (let at = 0; ; at += pageSize) {
    const ids = await redis.zrevrange(keys.batchesOf(keyId), at, at + pageSize - 1);
    const found = await Promise.all(
      ids.map((id) => redis.hmget(keys.batch(id), 'status', 'input_file_id', 'removed_at_ms')),
    );
    for (const [i, [status, input_file_id, removed]] of found.entries()) {
      if (!status || input_file_id !== fileId || removed) continue;
      yield { id: ids[i]!, status: status as Batch['status'], input_file_id };
    }
    if (ids.length < pageSize) return;
  }
}
