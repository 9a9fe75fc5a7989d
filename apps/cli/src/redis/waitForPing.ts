import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';

/** Between two tries, in ms. A Redis that starts on an empty folder answers after about 30 ms. */
const betweenTries_ms = 20;

/**
 * Resolves when the Redis at `url` answers PING, which it does once its data is loaded.
 * @param pid  the only process whose answer counts; without it anybody's does
 * @throws the reason of `signal` when that fires first: a wait without an end is the caller's to bound
 */
export async function waitForPing(url: string, signal: AbortSignal, pid?: number): Promise<void> {
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    connectTimeout: 1000,
    commandTimeout: 1000,
    retryStrategy: null,
    enableReadyCheck: false,
  });
  // Every failure also rejects the call that met it; without a listener ioredis would print it.
  redis.on('error', () => {});
  try {
    for (;;) {
      signal.throwIfAborted();
      if (await answers(redis, pid)) return;
      await pause(betweenTries_ms, undefined, { signal });
    }
  } finally {
    redis.disconnect();
  }
}

async function answers(redis: Redis, pid: number | undefined): Promise<boolean> {
  try {
    if (redis.status === 'wait' || redis.status === 'end') await redis.connect();
    if ((await redis.ping()) !== 'PONG') return false;
    // Another Redis may have the port; ours then ends with its reason.
    return pid === undefined || (await redis.info('server')).includes(`process_id:${pid}\r`);
  } catch {
    return false;
  }
}
