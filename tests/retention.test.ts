import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { awaited } from './world/awaited.ts';
import { pngDataUri } from './world/pictures.ts';
import { sweep } from './world/sweep.ts';
import { createWorld, type World } from './world/world.ts';

const model = 'NanoBanana';

async function ownWorld(env: Record<string, string>) {
  const world = await createWorld({ env: { SWEEP_INTERVAL_SECONDS: '86400', ...env } });
  onTestFinished(() => world.close());
  return world;
}

/** What Redis and storage have of a task, but for the note that it was removed. */
async function tracesOf({ records: { redis, keys }, storageDir }: World, id: string) {
  const keyed = await redis.keys(`*${id}*`);
  const lists = (await redis.keys('*')).filter((key) => /\}:(open|done|kept|archived|tasks)$/.test(key));
  const scores = await Promise.all(lists.map((key) => redis.zscore(key, id)));
  const folder = await readdir(join(storageDir, id)).catch(() => []);
  const owned = keyed.filter((key) => key.startsWith(keys.task(id)));
  return [...owned, ...scores.filter((score) => score !== null), ...folder];
}

type List = { data: { items: { task_id: string }[] } };
const listed = async (world: World) =>
  (await world.client.request<List>('GET', '/v1/images/tasks')).body.data.items.map((task) => task.task_id);

test('after TASK_RETENTION_DAYS nothing is left of a task: pictures, inputs, manifest, record, index', async () => {
  const world = await ownWorld({ TASK_RETENTION_DAYS: '0.00001' });
  const { task_id } = await world.client.submit({ model, prompt: 'forgotten soon', image: pngDataUri });
  await world.client.finished(task_id);
  await awaited(async () => (await sweep(world)).tasks_removed === 1);
  expect(await tracesOf(world, task_id)).toEqual([]);
  expect((await world.client.request('GET', `/v1/images/tasks/${task_id}`)).status).toBe(404);
  expect(await listed(world)).toEqual([]);
  expect(await sweep(world)).toEqual({});
});

test('after RECORD_RETENTION_HOURS the manifest answers in place of the record, until it is removed too', async () => {
  const world = await ownWorld({ RECORD_RETENTION_HOURS: '0.0001' });
  const { redis, keys } = world.records;
  const order = { model, prompt: 'archived soon' };
  const headers = { 'idempotency-key': 'archived' };
  const { task_id } = await world.client.submit(order, headers);
  const task = await world.client.finished(task_id);
  await awaited(async () => (await sweep(world)).records_archived === 1);
  expect(await redis.exists(keys.task(task_id))).toBe(0);
  expect(await world.client.get(task_id)).toEqual(task);
  expect(await listed(world)).toEqual([task_id]);
  expect((await world.client.request<List>('GET', '/v1/images/tasks?status=failed')).body.data.items).toEqual([]);
  expect(await world.client.cancel(task_id)).toMatchObject({ status: 409, body: { code: 'task_already_finished' } });
  expect(await world.client.submit(order, headers)).toEqual(task);
  expect(world.upstream.submissions()).toHaveLength(1);
  expect(await sweep(world)).toEqual({});

  await redis.zadd(keys.archived(task_id), Date.now() - 31 * 24 * 3_600_000, task_id);
  expect(await sweep(world)).toEqual({ tasks_removed: 1 });
  expect(await tracesOf(world, task_id)).toEqual([]);
  expect(await listed(world)).toEqual([]);
});
