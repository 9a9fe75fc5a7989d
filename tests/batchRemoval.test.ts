import { readdir } from 'node:fs/promises';
import type { PublicBatch } from '@darkroom/shared/batches';
import { batchQueue, removalJobId } from '@darkroom/shared/queues';
import { expect, onTestFinished } from 'vitest';
import { awaited } from './world/awaited.ts';
import { batchOf, endedBatch, lineOf, uploaded } from './world/batchRuns.ts';
import { sweep } from './world/sweep.ts';
import { createWorld, testIn, type World } from './world/world.ts';

const env = { SWEEP_INTERVAL_SECONDS: '86400' };
const test = testIn({ env });

type Deleted = { id: string; object: string; deleted: boolean };
const remove = (world: World, id: string) => world.client.request<Deleted>('DELETE', `/v1/batches/${id}`);
const statusOf = async (world: World, path: string) => (await world.client.request('GET', path)).status;

const mixed = [
  { custom_id: 'one', prompt: 'first' },
  { custom_id: 'blocked', prompt: 'bad' },
  { custom_id: 'refused', prompt: 'x', model: 'none' },
];

type Row = { task_id: string | null; images: { url: string }[] };
async function rowsOf(world: World, id: string): Promise<Row[]> {
  const { body } = await world.client.request<string>('GET', `/v1/batches/${id}/manifest.jsonl`);
  return body
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** What Redis has under the names of a batch and its tasks, or in its lists, but for the note that tasks were removed. */
async function tracesOf({ records: { redis } }: World, ids: readonly string[]) {
  const all = await redis.keys('*');
  const lists = all.filter((key) => /\}:(open|done|kept|archived|tasks|files|batches[\w-]*)$/.test(key));
  const scores = await Promise.all(lists.flatMap((list) => ids.map((id) => redis.zscore(list, id))));
  const records = all.filter((key) => /\}:(task|batch|file):/.test(key) && ids.some((id) => key.includes(id)));
  return [...records, ...scores.filter((score) => score !== null)];
}

test('removing an ended batch leaves no picture, prompt, record or file of it', async ({ world }) => {
  const batch = await endedBatch(world, (await batchOf(world, mixed)).id);
  const rows = await rowsOf(world, batch.id);
  const tasks = rows.flatMap(({ task_id }) => task_id ?? []);
  const files = [batch.input_file_id, batch.output_file_id!, batch.error_file_id!];
  expect(tasks).toHaveLength(2);
  const { status, body } = await remove(world, batch.id);
  expect({ status, body }).toEqual({ status: 200, body: { id: batch.id, object: 'batch', deleted: true } });
  expect(await tracesOf(world, [batch.id, ...tasks, ...files])).toEqual([]);
  const folders = await readdir(world.storageDir);
  expect(folders.filter((folder) => [...tasks, ...files].includes(folder))).toEqual([]);
  expect((await fetch(rows[0]!.images[0]!.url)).status).toBe(404);
  const paths = [
    ...['', '/events', '/manifest.csv', '/images.zip'].map((what) => `/v1/batches/${batch.id}${what}`),
    ...tasks.map((id) => `/v1/images/tasks/${id}`),
    ...files.map((id) => `/v1/files/${id}`),
  ];
  for (const path of paths) expect(await statusOf(world, path), path).toBe(404);
  expect((await remove(world, batch.id)).status).toBe(404);
  const { body: list } = await world.client.request<{ data: { id: string }[] }>('GET', '/v1/batches');
  expect(list.data.map(({ id }) => id)).not.toContain(batch.id);
  expect(await sweep(world)).toEqual({});
});

test('a batch that has not ended is not removed', async ({ world }) => {
  const gate = world.upstream.gate('submit', { prompt: 'kept' });
  onTestFinished(() => gate.release());
  const { id } = await batchOf(world, [{ custom_id: 'a', prompt: 'kept' }]);
  await gate.arrived;
  expect(await remove(world, id)).toMatchObject({ status: 409, body: { error: { code: 'batch_not_finished' } } });
  gate.release();
  expect((await endedBatch(world, id)).status).toBe('completed');
});

test('an input file stays for as long as another batch has it', async ({ world }) => {
  const input_file_id = await uploaded(world, lineOf({ custom_id: 'a', prompt: 'shared' }));
  const json = { input_file_id, endpoint: '/v1/images/tasks', completion_window: '24h' };
  const ids: string[] = [];
  for (let i = 0; i < 2; i++) {
    const { body } = await world.client.request<{ id: string }>('POST', '/v1/batches', { json });
    ids.push((await endedBatch(world, body.id)).id);
  }
  await remove(world, ids[0]!);
  expect(await statusOf(world, `/v1/files/${input_file_id}/content`)).toBe(200);
  await remove(world, ids[1]!);
  expect(await statusOf(world, `/v1/files/${input_file_id}/content`)).toBe(404);
});

test('the Idempotency-Key of a removed batch makes a new one', async ({ world }) => {
  const order = { json: { requests: [{ model: 'NanoBanana', prompt: 'twice' }] }, headers: { 'idempotency-key': 'b' } };
  const make = () => world.client.request<{ id: string }>('POST', '/v1/images/batches', order);
  const first = await endedBatch(world, (await make()).body.id);
  expect((await remove(world, first.id)).status).toBe(200);
  const second = await endedBatch(world, (await make()).body.id);
  expect(second).toMatchObject({ id: first.id, status: 'completed', request_counts: { completed: 1 } });
  expect(world.upstream.submissions({ prompt: 'twice' })).toHaveLength(2);
  expect(await sweep(world)).toEqual({});
});

test('a removal is gone on with after the death of the worker, also when its job is lost', async () => {
  const world = await createWorld({ env });
  onTestFinished(() => world.close());
  const lines = Array.from({ length: 60 }, (_, i) => ({ custom_id: `r${i}`, prompt: `removed ${i}` }));
  const ended: PublicBatch[] = [];
  const input_file_id = await uploaded(world, lines.map(lineOf).join('\n'));
  const json = { input_file_id, endpoint: '/v1/images/tasks', completion_window: '24h' };
  const order = (key: string) =>
    world.client.request<PublicBatch>('POST', '/v1/batches', { json, headers: { 'idempotency-key': key } });
  for (const key of ['half', 'lost']) ended.push(await endedBatch(world, (await order(key)).body.id));
  const [half, lost] = ended.map(({ id }) => id) as [string, string];
  const tasks = (await rowsOf(world, half)).map(({ task_id }) => task_id!);
  world.worker.kill('SIGKILL');
  await world.worker.exited;
  const { redis, keys } = world.records;
  const removing = [remove(world, half), remove(world, lost)];
  const queue = batchQueue(redis, keys);
  const hasJob = (id: string) => queue.getJob(removalJobId(id)).then((job) => job !== undefined);
  for (const id of [half, lost]) await awaited(() => hasJob(id));
  expect(await statusOf(world, `/v1/batches/${half}`)).toBe(404);
  // Its name is free again once nothing is left of it.
  expect(await order('half')).toMatchObject({ status: 503, body: { error: { code: 'queue_unavailable' } } });
  await queue.remove(removalJobId(lost));
  const worker = await world.startWorker();
  await awaited(async () => !(await readdir(world.storageDir)).includes(tasks[0]!));
  worker.kill('SIGKILL');
  await worker.exited;
  // What a worker held when it died comes back after half a minute; a test need not wait for it.
  await redis.del(queue.toKey(`${removalJobId(half)}:lock`));
  await queue.remove(removalJobId(half));
  for (const id of [half, lost]) await redis.zadd(keys.removedBatches(id), 'XX', Date.now() - 11_000, id);
  await world.startWorker();
  await awaited(async () => {
    await sweep(world);
    return (await tracesOf(world, [half, lost, input_file_id])).length === 0;
  });
  expect(await tracesOf(world, tasks)).toEqual([]);
  expect((await readdir(world.storageDir)).filter((folder) => /^(task_|file-)/.test(folder))).toEqual([]);
  for (const answer of await Promise.all(removing)) expect([200, 202]).toContain(answer.status);
});
