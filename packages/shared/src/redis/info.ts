import { Cluster, type Redis } from 'ioredis';
import type { RedisClient } from './connect.ts';

export type Info = ReadonlyMap<string, string>;

/** The servers that take writes: the one Redis, or every master of a cluster. */
export function mastersOf(redis: RedisClient): Redis[] {
  return redis instanceof Cluster ? redis.nodes('master') : [redis as Redis];
}

/** What INFO says, as names and values. */
export function parseInfo(text: string): Info {
  const lines = text.split(/\r?\n/).filter((line) => line.includes(':') && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)] as [string, string]),
  );
}

/** How full a server's memory is. `max_bytes` 0: it has no bound of its own. */
export type Memory = { used_bytes: number; max_bytes: number };

export function memoryOf(info: Info): Memory {
  const number = (name: string) => Number(info.get(name) ?? 0);
  // Redis leaves out what its replicas and its append-only file have yet to be sent when it judges whether it is full.
  const counted = number('used_memory') - number('mem_not_counted_for_evict');
  return { used_bytes: counted, max_bytes: number('maxmemory') };
}

/**
 * How full Redis is, by INFO alone; of a cluster, the fullest master.
 * @returns used / maxmemory; 0 where no server has a maxmemory
 */
export async function readFullness(redis: RedisClient): Promise<number> {
  const fullness = mastersOf(redis).map(async (master) => {
    const { used_bytes, max_bytes } = memoryOf(parseInfo(await master.info('memory')));
    return max_bytes > 0 ? used_bytes / max_bytes : 0;
  });
  return Math.max(0, ...(await Promise.all(fullness)));
}
