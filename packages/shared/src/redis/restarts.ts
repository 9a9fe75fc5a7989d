import { Cluster } from 'ioredis';
import type { RedisClient } from './connect.ts';

/** Tells whether Redis may lately have come back with an older state than it had. */
export type RestartWatch = { mayBeOld(): boolean };

/**
 * For how long after a restart records are held against manifests. By then every job that was in flight has been taken
 * over, and its record put right.
 */
const suspectForMs = 600_000;

/**
 * Watches for restarts: a Redis that lost its last seconds (power cut, restored backup, failover to a lagging replica)
 * shows finished tasks as unfinished. What is in storage is then the truth.
 * @param now  ms since the epoch
 */
export async function watchRestarts(redis: RedisClient, now: () => number): Promise<RestartWatch> {
  let suspectUntil = 0;
  const suspect = (sinceMs: number) => {
    suspectUntil = Math.max(suspectUntil, now() - sinceMs + suspectForMs);
  };
  if (redis instanceof Cluster) {
    // Another master for some slots: it may lag behind the one it replaces.
    redis.on('+node', () => suspect(0));
    redis.on('-node', () => suspect(0));
    suspect(0);
    return { mayBeOld: () => now() < suspectUntil };
  }
  let known = await identityOf(redis);
  suspect(known.uptime_ms);
  redis.on('ready', () => {
    // Until it has said who it is, it may be an older one.
    const before = suspectUntil;
    suspect(0);
    identityOf(redis).then(
      (found) => {
        if (found.run_id === known.run_id) suspectUntil = before;
        known = found;
      },
      () => undefined,
    );
  });
  return { mayBeOld: () => now() < suspectUntil };
}

async function identityOf(redis: RedisClient): Promise<{ run_id: string; uptime_ms: number }> {
  const info = await redis.info('server');
  const fieldOf = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1] ?? '';
  return { run_id: fieldOf('run_id'), uptime_ms: Number(fieldOf('uptime_in_seconds')) * 1000 };
}
