import OpenAI from 'openai';
import { expect, onTestFinished, test } from 'vitest';
import { createWorld, keys } from './world/createWorld.ts';

const model = 'NanoBanana';

async function limitedWorld(env: Record<string, string>) {
  const world = await createWorld({ env });
  onTestFinished(() => world.close());
  return { world, second: await world.startApi() };
}

test('requests a minute are counted over all API processes, told, and refused in each dialect’s words', async () => {
  const { world, second } = await limitedWorld({ LIMIT_REQUESTS_PER_MINUTE: '20' });
  const ask = (url: string, path = '/v1/models', key = keys.alice) =>
    fetch(url + path, { headers: { authorization: `Bearer ${key}` } });
  const first = await ask(world.api.url);
  expect(first.headers.get('ratelimit-policy')).toBe('"requests";q=20;w=60');
  expect(first.headers.get('ratelimit')).toMatch(/^"requests";r=19;t=\d+$/);
  expect(first.headers.get('x-ratelimit-limit-requests')).toBe('20');
  expect(first.headers.get('x-ratelimit-reset-requests')).toMatch(/^(\d+m)?\d+s$/);
  const all = await Promise.all(Array.from({ length: 29 }, (_, i) => ask(i % 2 ? world.api.url : second.url)));
  expect(all.filter(({ status }) => status === 200)).toHaveLength(19);
  const refused = all.find(({ status }) => status === 429)!;
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ error: { type: 'rate_limit_error', code: 'rate_limited' } });
  const native = await ask(second.url, '/v1/images/tasks');
  expect({ status: native.status, body: await native.json() }).toMatchObject({
    status: 429,
    body: { code: 'rate_limited' },
  });
  const gemini = await ask(second.url, '/v1beta/models');
  expect(await gemini.json()).toMatchObject({ error: { code: 429, status: 'RESOURCE_EXHAUSTED' } });
  expect((await ask(world.api.url, '/v1/models', keys.bob)).status).toBe(200);
  const client = new OpenAI({ baseURL: `${world.api.url}/v1`, apiKey: keys.alice, maxRetries: 0 });
  await expect(client.models.list()).rejects.toThrow(OpenAI.RateLimitError);
});

test('of 50 creates at once over two API processes no more are accepted than the key may have unfinished', async () => {
  const { world, second } = await limitedWorld({ LIMIT_OPEN_TASKS: '10' });
  const gate = world.upstream.gate('poll');
  const create = (i: number) =>
    world.clientOf(i % 2 ? world.api.url : second.url).request('POST', '/v1/images/tasks', {
      json: { model, prompt: `one of fifty ${i}` },
      headers: { 'idempotency-key': `fifty-${i}` },
    });
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => create(i)));
  const accepted = answers.flatMap(({ status, body }, i) => (status === 200 ? [{ i, id: body.data.task_id }] : []));
  expect(accepted).toHaveLength(10);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(40);
  expect(answers.find(({ status }) => status === 429)).toMatchObject({ body: { code: 'rate_limited' } });
  // A repeat is not another task, and a line of a batch is bounded by its batch.
  expect((await create(accepted[0]!.i)).body.data.task_id).toBe(accepted[0]!.id);
  expect((await world.bob.request('POST', '/v1/images/tasks', { json: { model, prompt: 'bob’s' } })).status).toBe(200);
  await world.client.cancel(accepted[0]!.id);
  expect((await create(100)).status).toBe(200);
  gate.release();
  await Promise.all(accepted.map(({ id }) => world.client.finished(id)));
  expect((await create(101)).status).toBe(200);
});

test('a place whose task ended unheard, or was never made, is found when all are taken', async () => {
  const { world } = await limitedWorld({ LIMIT_OPEN_TASKS: '2' });
  const { task_id } = await world.client.submit({ model, prompt: 'ended' });
  await world.client.finished(task_id);
  const places = (await world.records.redis.keys('*:tasks'))[0]!.replace(/:tasks$/, ':places');
  await world.records.redis.zadd(places, Date.now(), task_id, 1, 'task_00000000000000000000000000');
  expect(await world.client.submit({ model, prompt: 'has a place' })).toBeDefined();
});

test('a request that is refused for another reason gives its place back', async () => {
  const { world } = await limitedWorld({ LIMIT_OPEN_TASKS: '1' });
  const images = [{ url: 'https://user:secret@example.com/a.png' }];
  for (let i = 0; i < 2; i++) {
    const { status } = await world.client.request('POST', '/v1/images/tasks', { json: { model, prompt: 'x', images } });
    expect(status).toBe(400);
  }
  expect(await world.client.submit({ model, prompt: 'has the place' })).toBeDefined();
});
