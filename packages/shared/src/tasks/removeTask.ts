import { script } from '../redis/index.ts';
import type { TaskId } from './ids.ts';
import type { Records } from './records.ts';

const run = script(new URL('./lua/removeTask.lua', import.meta.url), {
  keys: ['task', 'done', 'kept', 'archived', 'removals'],
  args: ['id', 'now'],
  returns: ['removed', 'unfinished'],
});

/**
 * Removes all that there is of a finished task: record, index entry, and then its pictures, inputs and manifest. A crash
 * on the way, or a worker that was just writing the manifest, leaves something in storage; the task therefore stays
 * among the removals of its shard until the sweep has looked again.
 * @param key_id  id of its API key, where it is known
 * @param removeFolder  removes everything in a folder of storage
 * @returns 'removed'; 'unfinished' when it has not ended (nothing was changed)
 * @throws when Redis or storage does not answer. Once Redis has answered, the sweep does the rest.
 */
export async function removeTask(
  { redis, keys }: Records,
  { id, key_id }: { id: TaskId; key_id: string | undefined },
  now_ms: number,
  removeFolder: (folder: string) => Promise<unknown>,
) {
  const { word } = await run(
    redis,
    {
      task: keys.task(id),
      done: keys.done(id),
      kept: keys.kept(id),
      archived: keys.archived(id),
      removals: keys.removals(id),
    },
    { id, now: now_ms },
  );
  if (word === 'unfinished') return word;
  if (key_id !== undefined) await redis.zrem(keys.tasksOf(key_id), id);
  await removeFolder(id);
  return word;
}

/** Whether a task was removed and storage may still hold something of it, which is then not to be shown. */
export const isBeingRemoved = async ({ redis, keys }: Records, id: TaskId): Promise<boolean> =>
  (await redis.zscore(keys.removals(id), id)) !== null;
