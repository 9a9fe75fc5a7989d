import type { PublicBatch } from '@darkroom/shared/batches';
import OpenAI from 'openai';
import { expect, onTestFinished } from 'vitest';
import { awaited } from './world/awaited.ts';
import { batchOf, endedBatch, linesOfFile, uploaded } from './world/batchRuns.ts';
import { keys } from './world/createWorld.ts';
import { createWorld, test, type World } from './world/world.ts';

type Refusal = { error: { code: string } };

const retry = (world: World, id: string, options: { json?: object; headers?: Record<string, string> } = {}) =>
  world.client.request<PublicBatch & Refusal>('POST', `/v1/batches/${id}/retry`, options);

const mixed = [
  { custom_id: 'good', prompt: 'good' },
  { custom_id: 'blocked', prompt: 'bad' },
  { custom_id: 'refused', prompt: 'x', model: 'none' },
];
const idsOf = (lines: { custom_id: string }[]) => lines.map(({ custom_id }) => custom_id);

test('a retry runs the failed lines alone, under their names, and names its parent', async ({ world }) => {
  const parent = await endedBatch(world, (await batchOf(world, mixed, { metadata: { team: 'fruit' } })).id);
  expect(parent.request_counts).toEqual({ total: 3, completed: 1, failed: 2 });
  const made = await retry(world, parent.id);
  expect(made).toMatchObject({
    status: 200,
    body: { status: 'validating', metadata: { team: 'fruit' }, darkroom: { parent_id: parent.id } },
  });
  expect(made.headers.get('x-should-retry')).toBe('false');
  const child = await endedBatch(world, made.body.id);
  expect(child).toMatchObject({ status: 'completed', request_counts: { total: 2, completed: 0, failed: 2 } });
  expect(idsOf(await linesOfFile(world, child.input_file_id))).toEqual(['blocked', 'refused']);
  expect(idsOf(await linesOfFile(world, child.error_file_id))).toEqual(['blocked', 'refused']);
  expect(world.upstream.submissions({ prompt: 'good' })).toHaveLength(1);
  const twice = await endedBatch(world, (await retry(world, child.id)).body.id);
  expect(twice).toMatchObject({ request_counts: { total: 2 }, darkroom: { parent_id: child.id } });
});

test('lines of a canceled batch that were not run are run by its retry', async ({ world }) => {
  const lines = Array.from({ length: 30 }, (_, i) => ({ custom_id: `c${i}`, prompt: `late ${i}` }));
  const gate = world.upstream.gate('poll', { prompt: 'late 0' });
  onTestFinished(() => gate.release());
  const { id } = await batchOf(world, lines, { concurrency: 5 });
  await gate.arrived;
  await world.client.request('POST', `/v1/batches/${id}/cancel`);
  gate.release();
  const parent = await endedBatch(world, id);
  const child = await endedBatch(world, (await retry(world, id)).body.id);
  expect(child).toMatchObject({ status: 'completed', request_counts: { total: 30 - parent.request_counts.completed } });
  const done = [
    ...(await linesOfFile(world, parent.output_file_id)),
    ...(await linesOfFile(world, child.output_file_id)),
  ];
  expect(idsOf(done).sort()).toEqual(idsOf(lines).sort());
});

test('one key, and an SDK that sends by itself again, make one retry', async ({ world }) => {
  const { id } = await endedBatch(world, (await batchOf(world, mixed.slice(1))).id);
  const keyed = { headers: { 'idempotency-key': 'retry' } };
  const first = await retry(world, id, keyed);
  const again = await retry(world, id, keyed);
  expect(again.body.id).toBe(first.body.id);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect((await retry(world, id, { ...keyed, json: { concurrency: 3 } })).status).toBe(422);
  const counted = [];
  for (const count of ['0', '1'])
    counted.push(await retry(world, id, { headers: { 'x-stainless-retry-count': count } }));
  expect(counted[1]!.body.id).toBe(counted[0]!.body.id);
  expect(counted[0]!.body.id).not.toBe(first.body.id);
});

test('OpenAI’s own client asks for a retry by its path', async ({ world }) => {
  const client = new OpenAI({ baseURL: `${world.api.url}/v1`, apiKey: keys.alice });
  const { id } = await endedBatch(world, (await batchOf(world, mixed.slice(2))).id);
  expect(await client.post(`/batches/${id}/retry`)).toMatchObject({ object: 'batch', darkroom: { parent_id: id } });
});

test('a batch that has not ended, or of which nothing has failed, is not run again', async ({ world }) => {
  const gate = world.upstream.gate('submit', { prompt: 'not yet' });
  onTestFinished(() => gate.release());
  const { id } = await batchOf(world, [{ custom_id: 'a', prompt: 'not yet' }]);
  await gate.arrived;
  expect(await retry(world, id)).toMatchObject({ status: 409, body: { error: { code: 'batch_not_finished' } } });
  gate.release();
  await endedBatch(world, id);
  const none = await retry(world, id);
  expect(none).toMatchObject({ status: 409, body: { error: { code: 'nothing_to_retry' } } });
  expect(none.headers.get('x-should-retry')).toBe('false');
  const input_file_id = await uploaded(world, 'not json\n');
  const json = { input_file_id, endpoint: '/v1/images/tasks', completion_window: '24h' };
  const broken = await world.client.request<PublicBatch>('POST', '/v1/batches', { json });
  expect((await endedBatch(world, broken.body.id)).status).toBe('failed');
  expect((await retry(world, broken.body.id)).body.error.code).toBe('nothing_to_retry');
});

test('a budget holds over retries, until another one is given', async ({ world }) => {
  const lines = Array.from({ length: 4 }, (_, i) => ({ custom_id: `b${i}`, prompt: `dear ${i}` }));
  const parent = await endedBatch(world, (await batchOf(world, lines, { max_cost: '0.1000' })).id);
  expect(parent).toMatchObject({ request_counts: { completed: 2, failed: 2 }, darkroom: { cost: '0.0780' } });
  const poor = await endedBatch(world, (await retry(world, parent.id)).body.id);
  expect(poor).toMatchObject({ request_counts: { completed: 0, failed: 2 }, darkroom: { max_cost: '0.0220' } });
  const rich = await endedBatch(world, (await retry(world, parent.id, { json: { max_cost: '1' } })).body.id);
  expect(rich).toMatchObject({ request_counts: { completed: 2, failed: 0 }, darkroom: { max_cost: '1' } });
});

test('a line whose task was removed is not paid for again', async ({ world }) => {
  const parent = await endedBatch(world, (await batchOf(world, mixed)).id);
  const [good] = await linesOfFile(world, parent.output_file_id);
  const path = `/v1/images/tasks/${good!.response!.request_id}`;
  expect((await world.client.request('DELETE', path)).status).toBe(200);
  const child = await endedBatch(world, (await retry(world, parent.id)).body.id);
  expect(idsOf(await linesOfFile(world, child.input_file_id))).toEqual(['blocked', 'refused']);
});

test('a retry that is accepted is run whatever dies, and says so when its parent was removed before', async () => {
  const world = await createWorld();
  onTestFinished(() => world.close());
  const parent = await endedBatch(world, (await batchOf(world, mixed)).id);
  const gone = await endedBatch(world, (await batchOf(world, mixed)).id);
  world.worker.kill('SIGKILL');
  await world.worker.exited;
  const [accepted, orphaned] = [await retry(world, parent.id), await retry(world, gone.id)];
  // Nobody is there to remove anything, so the answer comes before it is done.
  const removing = world.client.request('DELETE', `/v1/batches/${gone.id}`);
  await awaited(async () => (await world.client.request('GET', `/v1/batches/${gone.id}`)).status === 404);
  await world.startWorker();
  expect(await endedBatch(world, accepted.body.id)).toMatchObject({ request_counts: { total: 2, failed: 2 } });
  const child = await endedBatch(world, orphaned.body.id);
  expect(child).toMatchObject({ status: 'failed', errors: { data: [{ code: 'batch_not_found' }] } });
  expect([200, 202]).toContain((await removing).status);
});
