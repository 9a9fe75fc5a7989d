import { expect, onTestFinished, test as plainTest } from 'vitest';
import { startTestRedis } from './world/redis.ts';
import { createWorld, test } from './world/world.ts';

test('health is the process’s own, readiness is that tasks can be taken in', async ({ world }) => {
  const health = await fetch(`${world.api.url}/healthz`);
  expect({ status: health.status, body: await health.json() }).toEqual({ status: 200, body: { status: 'ok' } });
  const ready = await fetch(`${world.api.url}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toEqual({
    status: 'ok',
    checks: {
      redis: { status: 'ok', ms: expect.any(Number), durable: true, warnings: [] },
      storage: { status: 'ok', ms: expect.any(Number) },
      channels: { default: { state: 'closed', reason: null, until: null } },
    },
  });
});

test('without an admin password there is no /admin', async ({ world }) => {
  const api = await world.startApi({ ADMIN_PASSWORD: undefined });
  for (const path of ['/admin/queues', '/admin/channels']) {
    const answer = await fetch(api.url + path, { headers: { authorization: 'Basic YWRtaW46eA==' } });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: 'route_not_found' });
  }
});

plainTest(
  'while Redis is away, requests are refused with 503 within 2 s and nothing is accepted; it resumes by itself',
  async () => {
    const redis = await startTestRedis();
    const world = await createWorld({ redis });
    onTestFinished(async () => {
      await world.close();
      await redis.stop();
    });
    const json = { model: 'NanoBanana', prompt: 'refused' };
    await redis.pause();
    const began = performance.now();
    const answer = await world.client.request('POST', '/v1/images/tasks', { json });
    expect(performance.now() - began).toBeLessThan(2000);
    expect(answer).toMatchObject({ status: 503, body: { code: 'queue_unavailable' } });
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await fetch(`${world.api.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${world.api.url}/healthz`)).status).toBe(200);
    await redis.resume();
    const { task_id } = await world.client.submit({ ...json, prompt: 'accepted again' });
    expect((await world.client.finished(task_id)).status).toBe('succeeded');
    expect(world.upstream.submissions({ prompt: 'refused' })).toEqual([]);
  },
);

test('an API told to go by Ctrl-C and then by its supervisor goes once', async ({ world }) => {
  const api = await world.startApi({ DRAIN_SECONDS: '0.5' });
  api.kill('SIGINT');
  await api.logged('draining');
  expect(await api.stop()).toBe(0);
  const said = api.logs().map(({ msg }) => msg);
  expect(said.filter((msg) => msg === 'draining' || msg === 'closed')).toEqual(['draining', 'closed']);
});
