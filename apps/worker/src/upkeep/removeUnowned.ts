import { isTaskId, manifestKey, type TaskId } from '@darkroom/shared/tasks';
import type { Duty, UpkeepDeps } from './deps.ts';

/** Folders that one sweep looks at; a store of a million folders is walked through in under a day. */
const foldersPerSweep = 1000;

/**
 * A folder is removed only after it has been nobody's for so long: an input is stored moments before its record. A file
 * that is still being written has grown since: a download takes five minutes at most.
 */
const unownedForMs = 3_600_000;

/**
 * Removes folders of storage that belong to no task: the API died between inputs and record, or the task was refused. A
 * folder that has neither record nor manifest is noted, and removed when that is still so an hour later. What is not
 * named like a task is somebody else's and is never touched. Files that were never written to their end go too.
 */
export const removeUnowned: Duty = async (deps) => {
  await noteUnowned(deps);
  const folders_removed = await removeNoted(deps);
  return { folders_removed, half_files_removed: await deps.store.removeHalfWritten(deps.now() - unownedForMs) };
};

/** Walks on through the folders from where the last sweep stopped, and notes those that belong to no task. */
async function noteUnowned(deps: UpkeepDeps): Promise<void> {
  const { records, store, now, isClosing } = deps;
  const { redis, keys } = records;
  const after = (await redis.get(keys.storageCursor())) ?? '';
  const folders = await store.folders(after, foldersPerSweep);
  for (const folder of folders) {
    if (isClosing()) return;
    if (isTaskId(folder) && !(await isOwned(deps, folder))) await redis.zadd(keys.unowned(), 'NX', now(), folder);
  }
  await redis.set(keys.storageCursor(), folders.length < foldersPerSweep ? '' : folders.at(-1)!);
}

async function removeNoted(deps: UpkeepDeps): Promise<number> {
  const { records, store, now, isClosing } = deps;
  const { redis, keys } = records;
  let removed = 0;
  for (const folder of await redis.zrangebyscore(keys.unowned(), '-inf', now() - unownedForMs)) {
    if (isClosing()) break;
    if (isTaskId(folder) && !(await isOwned(deps, folder))) {
      await store.removeFolder(folder);
      removed++;
    }
    await redis.zrem(keys.unowned(), folder);
  }
  return removed;
}

async function isOwned({ records, store }: UpkeepDeps, id: TaskId): Promise<boolean> {
  if ((await records.redis.exists(records.keys.task(id))) === 1) return true;
  return (await store.stat(manifestKey(id))) !== undefined;
}
