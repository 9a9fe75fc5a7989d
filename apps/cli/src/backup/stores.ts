import { readVariables } from '@darkroom/shared/config';
import { type ObjectStore, openStore, readStorageSettings } from '@darkroom/shared/images';
import { connectRedis, keyNames, readRedisSettings } from '@darkroom/shared/redis';
import type { Records } from '@darkroom/shared/tasks';
import { Cluster, type Redis } from 'ioredis';
import { CannotGoOn } from '../cannotGoOn.ts';
import type { Environment } from '../start/environment.ts';

/** A Redis that is not ready by then is away, or loads for long. */
const connectMs = 10_000;

/** The one Redis and the storage that an environment names. */
export interface Stores {
  redis: Redis;
  records: Records;
  store: ObjectStore;
  /** how long records stay in Redis after their task's end */
  recordsKept_ms: number;
  /** number of the database that REDIS_URL names */
  database: number;
  close(): void;
}

/**
 * Opens what REDIS_URL, QUEUE_PREFIX and the variables of storage name; all others are left alone.
 * @throws CannotGoOn when one of them cannot be used, Redis does not answer or is a cluster
 */
export async function openStores(env: Environment): Promise<Stores> {
  // Nothing is signed here: whoever makes backups need not have the keys.
  const { variables, faults } = readVariables({ SIGNING_KEYS: 'unused', ...env });
  if (faults.lines.length > 0) throw new CannotGoOn(`The environment cannot be used: ${faults.lines.join('; ')}.`);
  const settings = readRedisSettings(variables);
  const redis = await connectRedis(settings, 'answer_synced', () => undefined, connectMs).catch((error: Error) => {
    throw new CannotGoOn(`Redis does not answer at REDIS_URL (${error.message}).`);
  });
  if (redis instanceof Cluster) {
    redis.disconnect();
    throw new CannotGoOn('REDIS_URL names a cluster: see docs/operations.md for how its masters are backed up.');
  }
  return {
    redis,
    records: { redis, keys: keyNames(variables.QUEUE_PREFIX) },
    store: await openStore(readStorageSettings(variables)),
    recordsKept_ms: variables.RECORD_RETENTION_HOURS * 3_600_000,
    database: redis.options.db ?? 0,
    close: () => redis.disconnect(),
  };
}
