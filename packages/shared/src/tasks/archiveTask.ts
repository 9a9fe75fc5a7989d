import { script } from '../redis/index.ts';
import type { TaskId } from './ids.ts';
import type { Records } from './records.ts';

const run = script(new URL('./lua/archiveTask.lua', import.meta.url), {
  keys: ['task', 'done', 'kept', 'archived'],
  args: ['id', 'finished_at'],
  returns: ['archived', 'unfinished'],
});

/**
 * Drops the record of a finished task. The caller has made sure that its manifest is stored.
 * @param finished_at_ms  its end, ms since the epoch: retention counts from there
 * @returns 'archived'; 'unfinished' when a task that has not ended stands under this id
 */
export async function archiveTask({ redis, keys }: Records, id: TaskId, finished_at_ms: number) {
  const { word } = await run(
    redis,
    { task: keys.task(id), done: keys.done(id), kept: keys.kept(id), archived: keys.archived(id) },
    { id, finished_at: finished_at_ms },
  );
  return word;
}
