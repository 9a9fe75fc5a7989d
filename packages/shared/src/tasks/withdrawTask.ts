import { script } from '../redis/index.ts';
import type { TaskId } from './ids.ts';
import type { Records } from './records.ts';

const withdraw = script(new URL('./lua/withdrawTask.lua', import.meta.url), {
  keys: ['task', 'open'],
  args: ['id'],
  returns: ['withdrawn', 'taken', 'missing'],
});

const confirm = script(new URL('./lua/confirmTask.lua', import.meta.url), {
  keys: ['task'],
  args: ['now'],
  returns: ['confirmed', 'missing'],
});

/**
 * Takes back a task whose client is told that it was not accepted. Its entry in the index is harmless alone.
 * @returns 'withdrawn'; 'taken' when a repeat was answered with it, a worker has claimed it, or it has ended; 'missing'
 * @throws when Redis does not answer
 */
export async function withdrawTask({ redis, keys }: Records, id: TaskId) {
  const { word } = await withdraw(redis, { task: keys.task(id), open: keys.open(id) }, { id });
  return word;
}

/**
 * Holds a task that the repeat of its request is about to be answered with. It is a write: whoever waits for the disk of
 * Redis after it waits for the record too.
 * @returns 'confirmed'; 'missing' when it was taken back
 * @throws when Redis does not answer
 */
export async function confirmTask({ redis, keys }: Records, id: TaskId, now_ms: number) {
  const { word } = await confirm(redis, { task: keys.task(id) }, { now: now_ms });
  return word;
}
