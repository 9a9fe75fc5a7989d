import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '@darkroom/shared/images';
import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { checkAof } from '../backup/checkAof.ts';
import type { BackupDeps } from '../backup/takeBackup.ts';
import { systemClock } from '../processes/clock.ts';
import { runToEnd } from '../processes/runToEnd.ts';
import { findRedisServer } from '../redis/findRedisServer.ts';
import { type RedisServer, startRedisServer } from '../redis/startRedisServer.ts';

/** A folder that is gone after the test. */
export async function folderOfTest(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-backup-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A running Redis of the test's own, and a connection to it. */
export async function redisOn(dir: string): Promise<{ server: RedisServer; redis: Redis }> {
  const server = await startRedisServer({ binary: (await findRedisServer(process.env.PATH))!, dir });
  const redis = new Redis(server.url);
  redis.on('error', () => undefined);
  onTestFinished(async () => {
    redis.disconnect();
    await server.stop();
  });
  return { server, redis };
}

/** All that a backup stands on, as the command has it. */
export async function depsOf(redis: Redis, more: Partial<BackupDeps> = {}): Promise<BackupDeps> {
  return {
    redis,
    store: await openStore({ driver: 'disk', directory: await folderOfTest() }),
    database: 0,
    darkroom: '0.0.0',
    clock: systemClock(),
    say: () => undefined,
    signal: new AbortController().signal,
    check: (path) => checkAof(path, runToEnd, process.env),
    now: Date.now,
    ...more,
  };
}
