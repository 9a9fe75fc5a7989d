import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rewritesHeldKey } from '@darkroom/shared/redis';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { depsOf, folderOfTest, redisOn } from '../testing/backups.ts';
import { checkFiles } from './backupManifest.ts';
import { takeBackup } from './takeBackup.ts';

const percentageOf = async (redis: Redis) =>
  ((await redis.config('GET', 'auto-aof-rewrite-percentage')) as string[])[1];

/** Resolves when no rewrite runs. */
async function rewritten(redis: Redis): Promise<void> {
  await redis.bgrewriteaof();
  while (/aof_rewrite_in_progress:1/.test(await redis.info('persistence')));
}

test('a backup tells its files, its times and what storage holds; rewrites are held off meanwhile and then allowed again', async () => {
  const { redis } = await redisOn(await folderOfTest());
  let during: string | undefined;
  const deps = await depsOf(redis, {
    check: async () => {
      during = await percentageOf(redis);
      return 'nobody';
    },
  });
  await deps.store.put('task_a/0.png', 'four', 'image/png');
  const to = await folderOfTest();
  const { folder, manifest } = await takeBackup(deps, to);
  // The copy is looked through once Redis may rewrite again: that may take its time.
  expect(during).toBe('100');
  expect(await readdir(to)).toEqual([folder.split('/').at(-1)]);
  expect(manifest.storage).toEqual({ objects: 1, bytes: 4 });
  expect(await readFile(join(folder, 'storage.jsonl'), 'utf8')).toBe('{"key":"task_a/0.png","bytes":4}\n');
  expect(manifest.began_at_ms).toBeLessThanOrEqual(manifest.ended_at_ms);
  await checkFiles(folder, manifest);
  expect(await percentageOf(redis)).toBe('100');
  expect(await redis.exists(rewritesHeldKey)).toBe(0);
});

test('a file that is rewritten during the copy is copied again', async () => {
  const { redis } = await redisOn(await folderOfTest());
  const said: string[] = [];
  const deps = await depsOf(redis, { say: (line) => said.push(line) });
  const real = redis.time.bind(redis);
  let calls = 0;
  // The clock is asked before a copy and after it; the first one is spoiled.
  redis.time = (async () => {
    if (++calls === 2) await rewritten(redis);
    return real();
  }) as typeof redis.time;
  const { manifest, folder } = await takeBackup(deps, await folderOfTest());
  expect(said.filter((line) => line.includes('copying it again'))).toHaveLength(1);
  expect(manifest.files.map(({ path }) => path)).toContain('appendonlydir/appendonly.aof.2.base.rdb');
  await checkFiles(folder, manifest);
});

test('a backup that is stopped leaves nothing behind, and rewrites allowed', async () => {
  const { redis } = await redisOn(await folderOfTest());
  const stop = new AbortController();
  const deps = await depsOf(redis, { signal: stop.signal });
  const real = redis.time.bind(redis);
  let held: string | undefined;
  redis.time = (async () => {
    held = await percentageOf(redis);
    stop.abort();
    return real();
  }) as typeof redis.time;
  const to = await folderOfTest();
  await expect(takeBackup(deps, to)).rejects.toThrow('abort');
  expect(held).toBe('0');
  expect(await percentageOf(redis)).toBe('100');
  expect(await readdir(to)).toEqual([]);
});

test('what a killed backup had switched off is switched on by the next one', async () => {
  const { redis } = await redisOn(await folderOfTest());
  await redis.config('SET', 'auto-aof-rewrite-percentage', '0');
  await redis.set(rewritesHeldKey, '70');
  await takeBackup(await depsOf(redis), await folderOfTest());
  expect(await percentageOf(redis)).toBe('70');
});

test('the folder of another Redis is refused, and one without an append-only file', async () => {
  const { redis } = await redisOn(await folderOfTest());
  const { server } = await redisOn(await folderOfTest());
  const deps = await depsOf(redis);
  await expect(takeBackup(deps, await folderOfTest(), server.dir)).rejects.toThrow('is not the append-only file of');
  await expect(takeBackup(deps, await folderOfTest(), '/nowhere')).rejects.toThrow('cannot be read');
  await redis.config('SET', 'appendonly', 'no');
  await expect(takeBackup(deps, await folderOfTest())).rejects.toThrow('no append-only file');
});

test('where CONFIG is forbidden the folder is named, and the copy is made all the same', async () => {
  const { redis, server } = await redisOn(await folderOfTest());
  await redis.acl('SETUSER', 'poor', 'on', 'nopass', '~*', '+@all', '-config');
  const poor = new Redis(server.url, { username: 'poor', password: 'any' });
  onTestFinished(() => poor.disconnect());
  const deps = await depsOf(poor);
  await expect(takeBackup(deps, await folderOfTest())).rejects.toThrow('name it by --redis-dir');
  const { folder, manifest } = await takeBackup(deps, await folderOfTest(), server.dir);
  await checkFiles(folder, manifest);
});

test('a second backup of the same second is refused, and the first one stays as it is', async () => {
  const { redis } = await redisOn(await folderOfTest());
  const deps = await depsOf(redis, { now: () => 1_764_131_405_000 });
  const to = await folderOfTest();
  const { folder, manifest } = await takeBackup(deps, to);
  expect(folder).toBe(join(to, 'darkroom-20251126T043005Z'));
  await expect(takeBackup(deps, to)).rejects.toThrow('is there already');
  await checkFiles(folder, manifest);
  expect(await readdir(to)).toHaveLength(1);
});
