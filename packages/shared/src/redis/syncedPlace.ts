import type { RedisClient } from './connect.ts';
import { script } from './script.ts';

const mark = script(new URL('./lua/markPlace.lua', import.meta.url), {
  keys: ['mark'],
  args: ['now'],
  returns: ['marked'],
});

/**
 * Waits until everything that this Redis had taken before the call is on its disk (`WAITAOF`, Redis 7.2): the file is
 * written in order, so what stands before a write of now is synced with it.
 * @param redis  a connection of its own to one server: the wait holds up all that comes after it there
 * @param markKey  a key that may be written at any time
 * @returns whether it was on the disk in time
 * @throws when Redis does not answer or refuses writes
 */
export async function syncedPlace(redis: RedisClient, markKey: string, within_ms: number): Promise<boolean> {
  await mark(redis, { mark: markKey }, { now: Date.now() });
  const [local] = (await redis.call('WAITAOF', 1, 0, within_ms)) as [local: number, replicas: number];
  return local >= 1;
}

/** Under `appendfsync everysec` a server syncs no more than once in this time. */
const syncEveryMs = 1000;

/**
 * Whether a server that syncs every second really waits for its disk. Three writes one after the other take three syncs,
 * which are a second apart: one that confirms all three within a second has confirmed what was not on its disk. Some
 * releases of Redis 7.4 and of Valkey 8 and 9 do; what is wrong in them stands in redis/redis#13793.
 * @returns within some two seconds
 */
export async function waitsForDisk(redis: RedisClient, markKey: string, monotonic: () => number): Promise<boolean> {
  const began = monotonic();
  for (let writes = 0; writes < 3; writes++) {
    await syncedPlace(redis, markKey, syncEveryMs);
    if (monotonic() - began >= syncEveryMs) return true;
  }
  return false;
}
