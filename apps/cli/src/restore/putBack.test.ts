import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRestored } from '@darkroom/shared/redis';
import { expect, test } from 'vitest';
import { takeBackup } from '../backup/takeBackup.ts';
import { depsOf, folderOfTest, redisOn } from '../testing/backups.ts';
import { putBack } from './putBack.ts';
import { runningOn } from './runningOn.ts';

const restoredAt = 1_800_000_000_000;

async function backupOf(keys: number) {
  const { redis } = await redisOn(await folderOfTest());
  for (let i = 0; i < keys; i++) await redis.multi().set(`key ${i}`, i).incr('count').exec();
  return takeBackup(await depsOf(redis), await folderOfTest());
}

test('a backup that was made while Redis was written to has all that was acknowledged before, and says what it is', async () => {
  const { redis } = await redisOn(await folderOfTest());
  let [before, isOver] = [0, false];
  let written = 0;
  const writing = (async () => {
    while (!isOver) written = await redis.incr('count');
  })();
  await redis.lpush('list', ...Array.from({ length: 1000 }, () => 'x'.repeat(1000)));
  before = written;
  const { folder, manifest } = await takeBackup(await depsOf(redis), await folderOfTest());
  isOver = true;
  await writing;

  const dir = await folderOfTest();
  await putBack(folder, dir, restoredAt);
  const { redis: again } = await redisOn(dir);
  const count = Number(await again.get('count'));
  expect(count).toBeGreaterThanOrEqual(before);
  expect(count).toBeLessThanOrEqual(written);
  expect(await again.llen('list')).toBe(1000);
  expect(await readRestored(again)).toEqual({ taken_at_ms: manifest.ended_at_ms, restored_at_ms: restoredAt });
});

test('a folder that is not empty is refused, and stays as it is', async () => {
  const { folder } = await backupOf(1);
  const dir = await folderOfTest();
  await writeFile(join(dir, 'dump.rdb'), 'somebody’s');
  await expect(putBack(folder, dir, restoredAt)).rejects.toThrow('is not empty (dump.rdb)');
  expect(await readdir(dir)).toEqual(['dump.rdb']);
});

test('a backup that is not as it was written is refused before anything is put back', async () => {
  const { folder, manifest } = await backupOf(10);
  const dir = await folderOfTest();
  const { path } = manifest.files.find(({ path }) => path.endsWith('.incr.aof'))!;
  await writeFile(join(folder, path), 'x', { flag: 'r+' });
  await expect(putBack(folder, dir, restoredAt)).rejects.toThrow(`${path} of the backup is not what was written`);
  await rm(join(folder, path));
  await expect(putBack(folder, dir, restoredAt)).rejects.toThrow('missing or cannot be read');
  await rm(join(folder, 'manifest.json'));
  await expect(putBack(folder, dir, restoredAt)).rejects.toThrow('is no backup');
  expect(await readdir(dir)).toEqual([]);
});

test('a Redis that works in a folder is found, by its process and by its own word, also when the folder was removed', async () => {
  const dir = await folderOfTest();
  const { server } = await redisOn(dir);
  expect(await runningOn(dir, {})).toBe(`process ${server.pid}`);
  expect(await runningOn(await folderOfTest(), { REDIS_URL: server.url })).toBeUndefined();
  await rm(dir, { recursive: true });
  expect(await runningOn(dir, { REDIS_URL: server.url })).toBe(`process ${server.pid}`);
});
