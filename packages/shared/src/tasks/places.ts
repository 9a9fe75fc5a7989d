import { script } from '../redis/index.ts';
import type { TaskId } from './ids.ts';
import type { TaskRecord } from './record.ts';
import type { Records } from './records.ts';
import { isFinalStatus, type TaskStatus } from './transitions.ts';

const take = script(new URL('./lua/takePlace.lua', import.meta.url), {
  keys: ['places'],
  args: ['id', 'now', 'most'],
  returns: ['taken', 'had', 'full'],
});

/** Places that are looked through at once, the oldest. */
const lookedThrough = 500;

/** A place this young may have a record in a moment: a create is written within two seconds, or never. */
const graceMs = 10_000;

/**
 * Takes a place for a task to be, where its API key may only have so many unfinished ones. When all are taken, places
 * whose task has ended unheard are given back, and it is tried once more.
 * @returns 'had' when it had its place before
 * @throws when Redis does not answer or refuses writes
 */
export async function takePlace(
  records: Records,
  keyId: string,
  id: TaskId,
  most: number,
  now_ms: number,
): Promise<'taken' | 'had' | 'full'> {
  const ask = async () => {
    const { word } = await take(records.redis, { places: records.keys.placesOf(keyId) }, { id, now: now_ms, most });
    return word;
  };
  const word = await ask();
  if (word !== 'full' || (await returnEnded(records, keyId, now_ms)) === 0) return word;
  return ask();
}

/** Gives a place back: its task has ended, or was never made. */
export async function returnPlace({ redis, keys }: Records, { key_id, id }: Pick<TaskRecord, 'key_id' | 'id'>) {
  await redis.zrem(keys.placesOf(key_id), id);
}

async function returnEnded(records: Records, keyId: string, now_ms: number): Promise<number> {
  const { redis, keys } = records;
  const places = await redis.zrange(keys.placesOf(keyId), '0', String(lookedThrough - 1), 'WITHSCORES');
  const stale: string[] = [];
  for (let i = 0; i < places.length; i += 2) {
    const [id, taken_at_ms] = [places[i]!, Number(places[i + 1])];
    const status = (await redis.hget(keys.task(id), 'status')) as TaskStatus | null;
    if (status === null ? now_ms - taken_at_ms > graceMs : isFinalStatus(status)) stale.push(id);
  }
  return stale.length === 0 ? 0 : redis.zrem(keys.placesOf(keyId), ...stale);
}
