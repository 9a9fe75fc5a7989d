import { isFileId } from '@darkroom/shared/batches';
import { isTaskId, manifestKey } from '@darkroom/shared/tasks';
import type { Duty, UpkeepDeps } from './deps.ts';

/** Folders that one sweep looks at; a store of a million folders is walked through in under a day. */
const foldersPerSweep = 1000;

/**
 * A folder is removed only after it has been nobody's for so long: an input is stored moments before its record. A file
 * that is still being written has grown since: a download takes five minutes at most.
 */
const unownedForMs = 3_600_000;

/**
 * Removes folders of storage that belong to no task and to no file of a batch: the API died between inputs and record,
 * or the task was refused. A folder that has neither record nor manifest is noted, and removed when that is still so an
 * hour later. What is named like neither is somebody else's and is never touched. Files that were never written to their
 * end go too.
 */
export const removeUnowned: Duty = async (deps) => {
  await noteUnowned(deps);
  const folders_removed = await removeNoted(deps);
  return { folders_removed, half_files_removed: await deps.store.removeHalfWritten(deps.now() - unownedForMs) };
};

/** Walks on through the folders from where the last sweep stopped, and notes those that belong to nothing. */
async function noteUnowned(deps: UpkeepDeps): Promise<void> {
  const { records, store, now, isClosing } = deps;
  const { redis, keys } = records;
  const after = (await redis.get(keys.storageCursor())) ?? '';
  const folders = await store.folders(after, foldersPerSweep);
  for (const folder of folders) {
    if (isClosing()) return;
    if (await isUnowned(deps, folder)) await redis.zadd(keys.unowned(), 'NX', now(), folder);
  }
  await redis.set(keys.storageCursor(), folders.length < foldersPerSweep ? '' : folders.at(-1)!);
}

async function removeNoted(deps: UpkeepDeps): Promise<number> {
  const { records, store, now, isClosing } = deps;
  const { redis, keys } = records;
  let removed = 0;
  for (const folder of await redis.zrangebyscore(keys.unowned(), '-inf', now() - unownedForMs)) {
    if (isClosing()) break;
    if (await isUnowned(deps, folder)) {
      await store.removeFolder(folder);
      removed++;
    }
    await redis.zrem(keys.unowned(), folder);
  }
  return removed;
}

/** Whether a folder is named like a thing of ours that there is no record of. */
async function isUnowned({ records, store }: UpkeepDeps, folder: string): Promise<boolean> {
  const { redis, keys } = records;
  if (isFileId(folder)) return (await redis.exists(keys.file(folder))) === 0;
  if (!isTaskId(folder) || (await redis.exists(keys.task(folder))) === 1) return false;
  return (await store.stat(manifestKey(folder))) === undefined;
}
