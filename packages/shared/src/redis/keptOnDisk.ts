import type { RedisClient } from './connect.ts';
import { syncedPlace } from './syncedPlace.ts';

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
 * A write counts as kept once it is on the disk of Redis. Writes that wait at the same time wait for the same sync.
 * @param redis  runs the writes
 * @param syncing  a connection of its own to the same one server, not a cluster: it waits, and holds up nothing else
 * @param markKey  a key that may be written at any time
 */
export function keptOnDisk(redis: RedisClient, syncing: RedisClient, markKey: string): Keep {
  let connections = 0;
  syncing.on('ready', () => {
    connections++;
  });
  const nextSync = oneAtATime(() => syncedPlace(syncing, markKey, syncWithinMs));
  return async (write) => {
    const before = connections;
    const answer = await write(redis);
    const isSynced = await nextSync();
    // It may have been another process that synced, to which nothing of this was written.
    if (connections !== before) throw new NotOnDisk('the connection was lost before the write was on disk');
    if (!isSynced) throw new NotOnDisk(`the write was not on disk within ${syncWithinMs} ms`);
    return answer;
  };
}

/** @returns a function whose every call resolves with a run that begins after it; calls that wait share one */
function oneAtATime<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  let waiting: Promise<T> | undefined;
  return () => {
    waiting ??= running.then(() => {
      waiting = undefined;
      const now = run();
      running = now.catch(() => undefined);
      return now;
    });
    return waiting;
  };
}
