import { expect } from 'vitest';
import { awaited } from './world/awaited.ts';
import { call, type Delivery, deliveriesOf, type Endpoint, endpointAt, receiverOf } from './world/webhooks.ts';
import { test } from './world/world.ts';

const model = 'NanoBanana';

test('an endpoint hears of every end, signed as Standard Webhooks says, and sees its deliveries', async ({ world }) => {
  const receiver = await receiverOf();
  const endpoint = await endpointAt(world, receiver);
  expect(endpoint.secret).toMatch(/^whsec_[A-Za-z0-9+/=]{44}$/);
  const { task_id } = await world.client.submit({ model, prompt: 'told' });
  const failing = await world.client.submit({ model, prompt: 'told [[sim: fail=content_policy]]' });
  await receiver.until(() => receiver.received.length === 2);
  expect(receiver.unverified).toEqual([]);
  const told = receiver.received.find(({ type }) => type === 'task.succeeded')!;
  expect(told).toMatchObject({ data: { task_id, status: 'succeeded' }, metadata: null });
  expect(told.id).toMatch(/^dl_[0-9a-f]+$/);
  expect(receiver.received.find(({ type }) => type === 'task.failed')).toMatchObject({
    data: { task_id: failing.task_id },
  });
  const [url] = told.data.result_urls as string[];
  expect((await fetch(url!)).status).toBe(200);
  await awaited(async () =>
    (await deliveriesOf(world, `/v1/webhooks/${endpoint.id}`)).every(({ status }) => status === 'delivered'),
  );
  expect(await deliveriesOf(world, `/v1/images/tasks/${task_id}`)).toMatchObject([
    {
      id: told.id,
      event: 'task.succeeded',
      endpoint_id: endpoint.id,
      attempts: [{ status: 200, error: null, body: 'ok' }],
    },
  ]);
  const shown = await call<Endpoint>(world.client, 'GET', `/v1/webhooks/${endpoint.id}`);
  expect(shown.body.data).not.toHaveProperty('secret');
});

test('a request’s own webhook_url hears what it asked for, with its metadata, under the key’s own secret', async ({
  world,
}) => {
  const receiver = await receiverOf();
  const { body } = await call<{ secret: string }>(world.client, 'GET', '/v1/webhooks/secret');
  receiver.secrets.push(body.data.secret);
  const webhook = { webhook_url: `${receiver.url}/own`, webhook_metadata: { order: 7 } };
  await world.client.submit({ model, prompt: 'own', ...webhook, webhook_events: ['task.started', 'task.succeeded'] });
  await receiver.until(() => receiver.received.length === 2);
  expect(receiver.received.map(({ type }) => type).sort()).toEqual(['task.started', 'task.succeeded']);
  expect(receiver.received[0]).toMatchObject({ metadata: { order: 7 }, path: '/own' });
  expect(receiver.unverified).toEqual([]);
  // As a header, for clients that cannot add a field; a canceled task too.
  const gate = world.upstream.gate('submit', { prompt: 'canceled' });
  const canceled = await world.client.submit(
    { model, prompt: 'canceled' },
    { 'x-webhook-url': `${receiver.url}/header` },
  );
  await world.client.cancel(canceled.task_id);
  gate.release();
  await receiver.until(() =>
    receiver.received.some(({ type, path }) => type === 'task.canceled' && path === '/header'),
  );
});

test('a batch’s end is told', async ({ world }) => {
  const receiver = await receiverOf();
  const json = {
    requests: [{ model, prompt: 'batched' }],
    webhook_url: `${receiver.url}/batch`,
    webhook_metadata: { a: 1 },
  };
  const { body } = await world.client.request<{ id: string }>('POST', '/v1/images/batches', { json });
  await receiver.until(() => receiver.received.some(({ type }) => type === 'batch.completed'));
  const told = receiver.received.find(({ type }) => type === 'batch.completed')!;
  expect(told).toMatchObject({ data: { id: body.id, object: 'batch', status: 'completed' }, metadata: { a: 1 } });
});

test('a filter is obeyed; a disabled endpoint hears nothing; a test is sent when asked for', async ({ world }) => {
  const receiver = await receiverOf();
  const endpoint = await endpointAt(world, receiver, { events: ['task.failed'] });
  const path = `/v1/webhooks/${endpoint.id}`;
  await world.client.finished((await world.client.submit({ model, prompt: 'not told' })).task_id);
  const sent = await call<Delivery>(world.client, 'POST', `${path}/test`);
  expect(sent.body.data).toMatchObject({ event: 'webhook.test', status: 'pending' });
  await receiver.until(() => receiver.received.length === 1);
  expect(receiver.received[0]).toMatchObject({ type: 'webhook.test', data: {} });
  const off = await call<Endpoint>(world.client, 'PATCH', path, { enabled: false });
  expect(off.body.data).toMatchObject({ enabled: false, disabled_reason: 'disabled by its owner' });
  const failing = await world.client.submit({ model, prompt: 'x [[sim: fail=content_policy]]' });
  await world.client.finished(failing.task_id);
  expect(await deliveriesOf(world, `/v1/images/tasks/${failing.task_id}`)).toEqual([]);
  const on = await call<Endpoint>(world.client, 'PATCH', path, { enabled: true, events: null });
  expect(on.body.data).toMatchObject({ enabled: true, events: null, disabled_reason: null });
});

test('a failing receiver is tried as the schedule says, under one id; then it is given up and told to others', async ({
  world,
}) => {
  const [receiver, other] = [await receiverOf(), await receiverOf()];
  receiver.answer = (_req, res) => void res.writeHead(500).end('broken');
  const endpoint = await endpointAt(world, receiver, { events: ['task.succeeded'] });
  await endpointAt(world, other, { events: ['delivery.exhausted'] });
  const { task_id } = await world.client.submit({ model, prompt: 'retried' });
  await other.until(() => other.received.length === 1);
  expect(receiver.received).toHaveLength(4);
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
  const [delivery] = await deliveriesOf(world, `/v1/webhooks/${endpoint.id}`);
  expect(delivery).toMatchObject({ status: 'failed', task_id, next_attempt_at: null });
  expect(delivery!.attempts.map(({ status, body }) => [status, body])).toEqual(Array(4).fill([500, 'broken']));
  expect(other.received[0]).toMatchObject({ type: 'delivery.exhausted', data: { id: delivery!.id, status: 'failed' } });
  // It is well again: sent once more by hand, and whatever has failed since then.
  receiver.answer = undefined;
  const again = await call(world.client, 'POST', `/v1/images/tasks/${task_id}/deliveries/${delivery!.id}/redeliver`);
  expect(again.status).toBe(200);
  await receiver.until(() => receiver.received.length === 5);
  expect(receiver.received[4]!.id).toBe(delivery!.id);
  const since = new Date(Date.now() - 60_000).toISOString();
  const recovered = await call(world.client, 'POST', `/v1/webhooks/${endpoint.id}/recover`, { since });
  expect(recovered.body.data).toEqual({ recovered: 0 });
  expect(receiver.unverified).toEqual([]);
});

test('what has failed since a time is recovered', async ({ world }) => {
  const receiver = await receiverOf();
  receiver.answer = (_req, res) => void res.writeHead(503).end();
  const endpoint = await endpointAt(world, receiver, { events: ['task.succeeded'] });
  const path = `/v1/webhooks/${endpoint.id}`;
  const tasks = await Promise.all([1, 2].map((i) => world.client.submit({ model, prompt: `recovered ${i}` })));
  await awaited(async () => {
    const items = await deliveriesOf(world, path);
    return items.length === 2 && items.every(({ status }) => status === 'failed');
  });
  receiver.answer = undefined;
  const since = new Date(Date.now() - 60_000).toISOString();
  const { body } = await call(world.client, 'POST', `${path}/recover`, { since });
  expect(body.data).toEqual({ recovered: 2 });
  await awaited(async () => (await deliveriesOf(world, path)).every(({ status }) => status === 'delivered'));
  expect(new Set(receiver.received.map(({ data }) => data.task_id))).toEqual(
    new Set(tasks.map(({ task_id }) => task_id)),
  );
});
