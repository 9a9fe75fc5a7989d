import { script } from '../redis/index.ts';
import type { TaskId } from './ids.ts';
import type { Records } from './records.ts';

const run = script(new URL('./lua/keepTask.lua', import.meta.url), {
  keys: ['task', 'done', 'kept'],
  args: ['id'],
  returns: ['kept', 'missing'],
});

/**
 * Notes that a finished task's manifest is stored. Doing it twice is doing it once.
 * @returns 'kept'; 'missing' when there is no record, or it has not ended
 */
export async function keepTask({ redis, keys }: Records, id: TaskId) {
  const { word } = await run(redis, { task: keys.task(id), done: keys.done(id), kept: keys.kept(id) }, { id });
  return word;
}
