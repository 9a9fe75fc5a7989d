import { expect } from 'vitest';
import { awaited } from './world/awaited.ts';
import type { Receiver } from './world/receiver.ts';
import { call, type Delivery, deliveriesOf, type Endpoint, endpointAt, receiverOf } from './world/webhooks.ts';
import { test } from './world/world.ts';

const model = 'NanoBanana';

test('an endpoint that answers 410 is disabled at once, and others hear of it', async ({ world }) => {
  const [receiver, other] = [await receiverOf(), await receiverOf()];
  receiver.answer = (_req, res) => void res.writeHead(410).end();
  const endpoint = await endpointAt(world, receiver, { events: ['task.succeeded'] });
  await endpointAt(world, other, { events: ['endpoint.disabled'] });
  await world.client.submit({ model, prompt: 'gone' });
  await other.until(() => other.received.length === 1);
  expect(other.received[0]).toMatchObject({ type: 'endpoint.disabled', data: { id: endpoint.id, enabled: false } });
  expect(receiver.received).toHaveLength(1);
  const { body } = await call<Endpoint>(world.client, 'GET', `/v1/webhooks/${endpoint.id}`);
  expect(body.data).toMatchObject({ enabled: false, disabled_reason: 'it answered 410 Gone' });
});

test('a redirect is a failure and not followed; an answer without end is cut; a hanging one is given up', async ({
  world,
}) => {
  const [receiver, target] = [await receiverOf(), await receiverOf()];
  const answers: Receiver['answer'][] = [
    (_req, res) => void res.writeHead(302, { location: target.url }).end(),
    (_req, res) => void res.writeHead(500).write('x'.repeat(100_000)),
    undefined,
  ];
  receiver.answer = (req, res) => {
    const answer = answers.shift();
    if (answer) answer(req, res);
    else res.end('at last');
  };
  const endpoint = await endpointAt(world, receiver, { events: ['task.succeeded'] });
  await world.client.submit({ model, prompt: 'odd answers' });
  const path = `/v1/webhooks/${endpoint.id}`;
  await awaited(async () => (await deliveriesOf(world, path))[0]?.status === 'delivered');
  const [{ attempts }] = (await deliveriesOf(world, path)) as [Delivery];
  expect(attempts.map(({ status }) => status)).toEqual([302, 500, 200]);
  expect(attempts[1]!.body).toHaveLength(4096);
  expect(target.received).toEqual([]);
});

test('both secrets sign for a day after a rotation', async ({ world }) => {
  const receiver = await receiverOf();
  const endpoint = await endpointAt(world, receiver, { events: ['task.succeeded'] });
  const { body } = await call<Endpoint>(world.client, 'POST', `/v1/webhooks/${endpoint.id}/rotate`);
  expect(body.data.secret).not.toBe(endpoint.secret);
  for (const secret of [endpoint.secret, body.data.secret]) {
    receiver.secrets = [secret];
    const before = receiver.received.length;
    await call(world.client, 'POST', `/v1/webhooks/${endpoint.id}/test`);
    await receiver.until(() => receiver.received.length > before);
  }
  expect(receiver.unverified).toEqual([]);
});

test('a URL that leads inside, or is none, is refused when it is given', async ({ world }) => {
  const urls = [
    'http://10.0.0.1/',
    'http://169.254.169.254/latest',
    'ftp://127.0.0.1/',
    'https://user:pw@127.0.0.1/',
    'nonsense',
  ];
  for (const url of urls) {
    const endpoint = await call(world.client, 'POST', '/v1/webhooks', { url });
    expect(endpoint, url).toMatchObject({ status: 400, body: { code: 'url_not_allowed' } });
    const task = await world.client.request('POST', '/v1/images/tasks', {
      json: { model, prompt: 'x', webhook_url: url },
    });
    expect(task, url).toMatchObject({
      status: 400,
      body: { code: 'url_not_allowed', errors: [{ field: 'webhook_url' }] },
    });
  }
  const unknown = await call(world.client, 'POST', '/v1/webhooks', { url: 'http://127.0.0.1/', colour: 'red' });
  expect(unknown).toMatchObject({ status: 400, body: { errors: [{ field: 'colour' }] } });
});
