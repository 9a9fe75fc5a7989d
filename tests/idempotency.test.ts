import { expect } from 'vitest';
import { test } from './world/world.ts';

const json = { model: 'NanoBanana', prompt: 'once only' };
const path = '/v1/images/tasks';

test('the same key and request give the same task, whatever the member order, over two API processes at once', async ({
  world,
}) => {
  const second = world.clientOf((await world.startApi()).url);
  const headers = { 'idempotency-key': 'order 1' };
  const shuffled = { prompt: json.prompt, n: 1, model: json.model };
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      (i % 2 ? second : world.client).request('POST', path, { json: i % 3 ? json : shuffled, headers }),
    ),
  );
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
  const ids = new Set(answers.map((answer) => answer.body.data.task_id));
  expect(ids.size).toBe(1);
  expect(answers.filter((answer) => answer.headers.get('idempotent-replayed') !== 'true')).toHaveLength(1);
  const task = await world.client.finished([...ids][0]!);
  expect(task.status).toBe('succeeded');
  expect(world.upstream.submissions({ prompt: 'once only' })).toHaveLength(1);
  const later = await world.client.request('POST', path, { json, headers });
  expect(later.body.data).toMatchObject({ task_id: task.task_id, status: 'succeeded' });
});

test('the same key with another request is refused, and another client’s key is its own', async ({ world }) => {
  const headers = { 'idempotency-key': 'order 2' };
  const first = await world.client.request('POST', path, { json, headers });
  const clash = await world.client.request('POST', path, { json: { ...json, prompt: 'another' }, headers });
  expect(clash).toMatchObject({ status: 422, body: { code: 'idempotency_conflict' } });
  const bobs = await world.bob.request('POST', path, { json: { ...json, prompt: 'another' }, headers });
  expect(bobs.status).toBe(200);
  expect(bobs.body.data.task_id).not.toBe(first.body.data.task_id);
});

test('a key of no or more than 255 characters is refused', async ({ world }) => {
  const status = async (key: string) =>
    (await world.client.request('POST', path, { json, headers: { 'idempotency-key': key } })).status;
  expect(await status('x'.repeat(256))).toBe(400);
  expect(await status('')).toBe(400);
  expect(await status('x'.repeat(255))).toBe(200);
});
