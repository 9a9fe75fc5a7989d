import { Cluster } from 'ioredis';
import type { RedisClient } from './connect.ts';
import { type Restored, readRestored } from './restored.ts';

/** Tells whether Redis may have come back with an older state than it had. */
export type RestartWatch = {
  mayBeOld(): boolean;
  /**
   * That this Redis is a restored backup, as it was when its data was last loaded.
   * @throws when Redis went away before it could be asked
   */
  restored(): Promise<Restored | undefined>;
};

/**
 * For how long after a restart records are held against manifests. By then every job that was in flight has been taken
 * over, and its record put right.
 */
const suspectForMs = 600_000;

/** The same after a backup was restored: a task that waited at its time may wait for long before it is looked at. */
const suspectRestoredForMs = 86_400_000;

type Identity = { run_id: string; uptime_ms: number; restored: Restored | undefined };

/**
 * Watches for restarts: a Redis that lost its last seconds (power cut, restored backup, failover to a lagging replica)
 * shows finished tasks as unfinished. What is in storage is then the truth.
 * @param now  ms since the epoch
 * @param onRestored  told when a backup was restored under this process' feet: all it holds is of another time
 */
export async function watchRestarts(
  redis: RedisClient,
  now: () => number,
  onRestored: (restored: Restored) => void = () => undefined,
): Promise<RestartWatch> {
  let suspectUntil = 0;
  const suspect = (since_ms: number) => {
    suspectUntil = Math.max(suspectUntil, now() - since_ms + suspectForMs);
  };
  let known = await identityOf(redis);
  let reading = Promise.resolve(known);
  suspect(redis instanceof Cluster ? 0 : known.uptime_ms);
  const lookAgain = () => {
    // Until it has said who it is, it may be an older one.
    const before = suspectUntil;
    suspect(0);
    reading = identityOf(redis);
    reading.then(
      (found) => {
        if (found.run_id !== '' && found.run_id === known.run_id) suspectUntil = before;
        if (found.restored && found.restored.restored_at_ms !== known.restored?.restored_at_ms) {
          onRestored(found.restored);
        }
        known = found;
      },
      () => undefined,
    );
  };
  if (redis instanceof Cluster) {
    // Another master for some slots: it may lag behind the one it replaces.
    for (const event of ['+node', '-node']) redis.on(event, lookAgain);
  } else redis.on('ready', lookAgain);
  return {
    mayBeOld: () =>
      now() < Math.max(suspectUntil, suspectRestoredForMs + (known.restored?.restored_at_ms ?? -Infinity)),
    restored: async () => (await reading).restored,
  };
}

async function identityOf(redis: RedisClient): Promise<Identity> {
  const restored = await readRestored(redis);
  // The nodes of a cluster come and go one by one: none of them is the cluster.
  if (redis instanceof Cluster) return { run_id: '', uptime_ms: 0, restored };
  const info = await redis.info('server');
  const fieldOf = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1] ?? '';
  return { run_id: fieldOf('run_id'), uptime_ms: Number(fieldOf('uptime_in_seconds')) * 1000, restored };
}
