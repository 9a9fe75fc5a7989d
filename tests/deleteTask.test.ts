import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestOf } from '@darkroom/shared/tasks';
import { expect, onTestFinished } from 'vitest';
import { awaited } from './world/awaited.ts';
import { pngDataUri } from './world/pictures.ts';
import { sweep } from './world/sweep.ts';
import { testIn, type World } from './world/world.ts';

const test = testIn({ env: { SWEEP_INTERVAL_SECONDS: '86400' } });
const model = 'NanoBanana';
const remove = (world: World, id: string) =>
  world.client.request<{ code: string; data: unknown }>('DELETE', `/v1/images/tasks/${id}`);
const filesOf = (world: World, id: string) => readdir(join(world.storageDir, id)).catch(() => []);

test('deleting an ended task leaves no picture, input, manifest, prompt or record of it', async ({ world }) => {
  const { redis, keys } = world.records;
  const { task_id } = await world.client.submit({ model, prompt: 'to be deleted', image: pngDataUri });
  const { result_url } = await world.client.finished(task_id);
  expect((await fetch(result_url!)).status).toBe(200);

  const { status, body } = await remove(world, task_id);

  expect({ status, body }).toEqual({
    status: 200,
    body: { code: 'success', message: '', data: { task_id, deleted: true } },
  });
  expect(await redis.exists(keys.task(task_id))).toBe(0);
  expect(await filesOf(world, task_id)).toEqual([]);
  expect((await fetch(result_url!)).status).toBe(404);
  const never = await remove(world, `task_${'0'.repeat(26)}`);
  for (const method of ['GET', 'DELETE']) {
    const again = await world.client.request(method, `/v1/images/tasks/${task_id}`);
    expect({ status: again.status, body: again.body }).toEqual({ status: 404, body: never.body });
  }
  const { body: list } = await world.client.request<{ data: { items: unknown[] } }>('GET', '/v1/images/tasks');
  expect(list.data.items).toEqual([]);
});

test('a task that has not ended is not deleted', async ({ world }) => {
  const { task_id } = await world.client.submit({ model, prompt: 'still running [[sim: duration=600000]]' });
  onTestFinished(async () => void (await world.client.cancel(task_id)));
  expect(await remove(world, task_id)).toMatchObject({ status: 409, body: { code: 'task_not_finished' } });
  expect(['queued', 'in_progress']).toContain((await world.client.get(task_id)).status);
});

test('another key’s task is word for word the task that never was', async ({ world }) => {
  const { task_id } = await world.client.submit({ model, prompt: 'not yours' });
  await world.client.finished(task_id);
  const foreign = await world.bob.request('DELETE', `/v1/images/tasks/${task_id}`);
  const missing = await world.bob.request('DELETE', `/v1/images/tasks/task_${'0'.repeat(26)}`);
  expect(foreign).toMatchObject({ status: 404, body: missing.body });
  expect((await world.client.get(task_id)).status).toBe('succeeded');
});

test('a task whose record has gone is deleted by its manifest', async ({ world }) => {
  const { task_id } = await world.client.submit({ model, prompt: 'only in storage' });
  await world.client.finished(task_id);
  await awaited(async () => (await filesOf(world, task_id)).length === 2);
  await world.records.redis.del(world.records.keys.task(task_id));
  expect((await remove(world, task_id)).status).toBe(200);
  expect(await filesOf(world, task_id)).toEqual([]);
});

test('a manifest that was being written meanwhile does not bring the task back, and is swept away', async ({
  world,
}) => {
  const { redis, keys } = world.records;
  const { task_id } = await world.client.submit({ model, prompt: 'written late' });
  await world.client.finished(task_id);
  const hash = await redis.hgetall(keys.task(task_id));
  expect((await remove(world, task_id)).status).toBe(200);
  await mkdir(join(world.storageDir, task_id), { recursive: true });
  await writeFile(join(world.storageDir, task_id, 'manifest.json'), manifestOf(hash));
  expect((await world.client.request('GET', `/v1/images/tasks/${task_id}`)).status).toBe(404);
  await redis.zadd(keys.removals(task_id), Date.now() - 61_000, task_id);
  expect(await sweep(world)).toEqual({ removals_finished: 1 });
  expect(await sweep(world)).toEqual({});
  expect((await world.client.request('GET', `/v1/images/tasks/${task_id}`)).status).toBe(404);
});

test('the Idempotency-Key of a deleted task makes a new one, which the sweep leaves alone', async ({ world }) => {
  const { redis, keys } = world.records;
  const headers = { 'idempotency-key': 'again' };
  const first = await world.client.submit({ model, prompt: 'first' }, headers);
  await world.client.finished(first.task_id);
  expect((await remove(world, first.task_id)).status).toBe(200);
  const second = await world.client.submit({ model, prompt: 'second' }, headers);
  expect(second.task_id).toBe(first.task_id);
  const task = await world.client.finished(second.task_id);
  await redis.zadd(keys.removals(task.task_id), Date.now() - 61_000, task.task_id);
  expect(await sweep(world)).toEqual({});
  expect((await fetch(task.result_url!)).status).toBe(200);
});
