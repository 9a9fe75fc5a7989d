import type { RedisClient } from './connect.ts';

/** Longest wait for the disk: with `appendfsync everysec` a sync comes every second, and takes some itself. */
const syncWithinMs = 3000;

/** A write that Redis has, but not known to be on its disk. */
export class NotOnDisk extends Error {
  override name = 'NotOnDisk';
}

/** Runs a write and resolves with its answer once the write is kept as the configuration promises. */
export type Keep = <T>(write: (redis: RedisClient) => Promise<T>) => Promise<T>;

/** A write counts as kept as soon as Redis has it. */
export const keptInMemory =
  (redis: RedisClient): Keep =>
  (write) =>
    write(redis);

/**
 * A write counts as kept once it is on the disk of Redis (`WAITAOF`, Redis 7.2). The wait is for the writes of one
 * connection and holds up all that comes after it there, so nothing else may use this connection.
 * @param redis  a connection of its own to one server, not a cluster
 * @param writeWithinMs  how long Redis may take to answer the write itself, whatever the connection allows; by default it
 *   takes as long as it takes. The write may be done later all the same.
 */
export function keptOnDisk(redis: RedisClient, writeWithinMs = Number.POSITIVE_INFINITY): Keep {
  let connections = 0;
  redis.on('ready', () => {
    connections++;
  });
  return async (write) => {
    const before = connections;
    const answer = await within(writeWithinMs, write(redis));
    const [local] = (await redis.call('WAITAOF', 1, 0, syncWithinMs)) as [local: number, replicas: number];
    // Another connection has made no write, so it says yes to everything.
    if (connections !== before) throw new NotOnDisk('the connection was lost before the write was on disk');
    if (local < 1) throw new NotOnDisk(`the write was not on disk within ${syncWithinMs} ms`);
    return answer;
  };
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  if (!Number.isFinite(ms)) return work;
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new NotOnDisk(`Redis did not take the write within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
