import { setTimeout as sleep } from 'node:timers/promises';
import { connectRedis, type Keep, keptInMemory, keptOnDisk, keyNames, trustRedis } from '@darkroom/shared/redis';
import { type PartStore, partStore, type Records } from '@darkroom/shared/tasks';
import type { Logger } from '@darkroom/shared/telemetry';
import type { WorkerConfig } from './config.ts';
import { keptSubmits } from './generation/keptSubmits.ts';
import { patientParts } from './untilServed.ts';

export type OpenRecords = {
  records: Records;
  /** the records' parts as the work on them needs them: it waits for Redis, and for its disk where that was asked for */
  parts: PartStore;
  /** runs a write that makes a task, until it is kept as the configuration promises */
  keep: Keep;
  disconnect: () => void;
};

/** Connects to Redis, and says what it would lose. @throws RedisRefused when it cannot keep what is promised */
export async function openRecords(config: WorkerConfig, logger: Logger): Promise<OpenRecords> {
  const onError = (error: Error) => logger.warn({ err: error.message }, 'redis');
  const redis = await connectRedis(config.redis, 'wait', onError);
  const durability = await trustRedis(redis, config.trust);
  logger[durability.durable ? 'info' : 'warn'](durability, 'what this Redis would lose');
  const keys = keyNames(config.queuePrefix);
  const records = { redis, keys };
  const stored = partStore(records);
  if (config.trust.acknowledge === 'none') {
    const keep = keptInMemory(redis);
    return { records, parts: patientParts(stored, sleep), keep, disconnect: () => redis.disconnect() };
  }
  const synced = await connectRedis(config.redis, 'wait', onError);
  const keep = keptOnDisk(redis, synced, keys.syncMark());
  return {
    records,
    keep,
    parts: patientParts(keptSubmits(stored, keep, keys), sleep),
    disconnect() {
      redis.disconnect();
      synced.disconnect();
    },
  };
}
