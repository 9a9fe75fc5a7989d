import { expect, onTestFinished } from 'vitest';
import { batchOf, lineOf, uploaded } from './world/batchRuns.ts';
import { receiverOf } from './world/webhooks.ts';
import { test } from './world/world.ts';

test('a batch’s end is told, whichever it is', async ({ world }) => {
  const receiver = await receiverOf();
  const webhook_url = `${receiver.url}/batch`;
  const gates = ['to cancel', 'to expire'].map((prompt) => world.upstream.gate('submit', { prompt }));
  onTestFinished(() => gates.forEach((gate) => void gate.release()));
  const run = (name: string) => batchOf(world, [{ custom_id: 'a', prompt: name }], { webhook_url });
  const [canceled, expired, completed] = [await run('to cancel'), await run('to expire'), await run('bad')];
  await Promise.all(gates.map((gate) => gate.arrived));
  await world.client.request('POST', `/v1/batches/${canceled.id}/cancel`);
  // No window is as short as a test.
  await world.records.redis.hset(world.records.keys.batch(expired.id), 'expires_at_ms', Date.now());
  for (const gate of gates) gate.release();
  const lines = Array.from({ length: 500 }, () => lineOf({ custom_id: 'same', prompt: 'x' }));
  const input_file_id = await uploaded(world, lines.join('\n'));
  const json = { input_file_id, endpoint: '/v1/images/tasks', completion_window: '24h', webhook_url };
  const failed = (await world.client.request<{ id: string }>('POST', '/v1/batches', { json })).body;
  await receiver.until(() => receiver.received.length === 4);
  const told = new Map(receiver.received.map(({ type, data }) => [data.id, { type, status: data.status }]));
  expect(Object.fromEntries(told)).toEqual({
    [canceled.id]: { type: 'batch.completed', status: 'cancelled' },
    [expired.id]: { type: 'batch.completed', status: 'expired' },
    [completed.id]: { type: 'batch.completed', status: 'completed' },
    [failed.id]: { type: 'batch.completed', status: 'failed' },
  });
  // Hundreds of wrong lines are no message to send; a query shows them all.
  const short = receiver.received.find(({ data }) => data.id === failed.id)!.data;
  expect(short).toMatchObject({ truncated: true, errors: { data: expect.any(Array) } });
  expect((short.errors as { data: unknown[] }).data).toHaveLength(20);
});
