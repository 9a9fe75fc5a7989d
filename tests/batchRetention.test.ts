import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newFileId } from '@darkroom/shared/batches';
import { upkeepQueue } from '@darkroom/shared/queues';
import { expect, onTestFinished, test } from 'vitest';
import { awaited } from './world/awaited.ts';
import { batchOf, endedBatch, lineOf, uploaded } from './world/batchRuns.ts';
import { scrape } from './world/scrape.ts';
import { sweep } from './world/sweep.ts';
import { createWorld } from './world/world.ts';

const minutes = 60_000;
const day = 24 * 60 * minutes;

async function ownWorld(env: Record<string, string> = {}) {
  const world = await createWorld({ env: { SWEEP_INTERVAL_SECONDS: '86400', METRICS_PORT: '0', ...env } });
  onTestFinished(() => world.close());
  // The worker sweeps as it starts; what the test then leaves for a sweep is not for that one.
  const { redis, keys } = world.records;
  await awaited(async () => (await upkeepQueue(redis, keys).getCompletedCount()) > 0);
  return world;
}

test('after TASK_RETENTION_DAYS nothing is left of a batch and its files, and that is told', async () => {
  const world = await ownWorld({ TASK_RETENTION_DAYS: '0.00001' });
  const lines = ['one', 'bad'].map((prompt) => ({ custom_id: prompt, prompt }));
  const { id } = await endedBatch(world, (await batchOf(world, lines)).id);
  const total: Record<string, number> = {};
  await awaited(async () => {
    for (const [name, count] of Object.entries(await sweep(world))) total[name] = (total[name] ?? 0) + count;
    const isGone = (await readdir(world.storageDir)).every((folder) => !/^(task_|file-)/.test(folder));
    return isGone && total.batches_removed !== undefined;
  });
  const path = `/v1/batches/${id}`;
  await awaited(async () => (await world.client.request('GET', path)).status === 404);
  await awaited(async () => (await world.records.redis.exists(world.records.keys.batch(id))) === 0);
  expect(total.batches_removed).toBe(1);
  const figures = await scrape(world.worker);
  expect(figures.value('darkroom_repairs_total', { duty: 'batches_removed' })).toBe(1);
  expect(world.worker.logs()).toContainEqual(expect.objectContaining({ repair: 'batches_removed', count: 1 }));
  expect(await sweep(world)).toEqual({});
});

test('a file past its retention goes, but not while a batch reads it', async () => {
  const world = await ownWorld();
  const { redis, keys } = world.records;
  const gate = world.upstream.gate('submit', { prompt: 'reading' });
  onTestFinished(() => gate.release());
  const batch = await batchOf(world, [{ custom_id: 'a', prompt: 'reading' }]);
  await gate.arrived;
  const idle = await uploaded(world, lineOf({ custom_id: 'a', prompt: 'never run' }));
  const young = await uploaded(world, lineOf({ custom_id: 'a', prompt: 'never run' }));
  for (const id of [batch.input_file_id, idle]) await redis.zadd(keys.files(id), Date.now() - 31 * day, id);
  expect(await sweep(world)).toEqual({ files_removed: 1 });
  const folders = await readdir(world.storageDir);
  expect(folders).not.toContain(idle);
  expect(folders).toEqual(expect.arrayContaining([batch.input_file_id, young]));
  expect((await world.client.request('GET', `/v1/files/${idle}`)).status).toBe(404);
  gate.release();
  await endedBatch(world, batch.id);
  expect(await sweep(world)).toEqual({ files_removed: 1 });
  const figures = await scrape(world.worker);
  expect(figures.value('darkroom_repairs_total', { duty: 'files_removed' })).toBe(2);
});

test('a file that no record owns is removed an hour later, and a dry run leaves none', async () => {
  const world = await ownWorld();
  const { redis, keys } = world.records;
  const [unowned, owned] = [newFileId(), await uploaded(world, lineOf({ custom_id: 'a', prompt: 'x' }))];
  await mkdir(join(world.storageDir, unowned));
  await writeFile(join(world.storageDir, unowned, 'content.jsonl'), '{}');
  expect(await sweep(world)).toEqual({});
  for (const folder of [unowned, owned]) await redis.zadd(keys.unowned(), Date.now() - 61 * minutes, folder);
  expect(await sweep(world)).toEqual({ folders_removed: 1 });
  const json = { requests: [{ model: 'NanoBanana', prompt: 'dry' }], dry_run: true };
  await world.client.request('POST', '/v1/images/batches', { json });
  expect((await readdir(world.storageDir)).filter((folder) => folder.startsWith('file-'))).toEqual([owned]);
  const { body } = await world.client.request<{ data: { id: string }[] }>('GET', '/v1/files');
  expect(body.data.map(({ id }) => id)).toEqual([owned]);
});
