import { expect, onTestFinished, test } from 'vitest';
import { adminPassword, createWorld, type World } from './world/world.ts';

const model = 'NanoBanana';
const authorization = `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}`;

async function worldOf(...ids: string[]): Promise<World> {
  const channel = (id: string, base_url: string) => ({
    id,
    base_url,
    api_key_env: 'UPSTREAM_API_KEY',
    submits_per_minute: 0,
    max_in_flight: 2,
    models: [{ id: model, price: id === 'a' ? '0.01' : '0.02' }],
  });
  const world = await createWorld({ channels: (url) => ({ channels: ids.map((id) => channel(id, url)) }) });
  onTestFinished(() => world.close());
  return world;
}

async function admin(world: World, method: string, path: string, json?: object) {
  const headers = { authorization, ...(json ? { 'content-type': 'application/json' } : {}) };
  const answer = await fetch(world.api.url + path, { method, headers, body: json && JSON.stringify(json) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

test('a paused channel submits nothing until it is resumed, and both leave an audit line', async () => {
  const world = await worldOf('a');
  expect((await admin(world, 'POST', '/admin/channels/a/pause')).body).toMatchObject({ id: 'a', state: 'paused' });
  const { task_id } = await world.client.submit({ model, prompt: 'paused' });
  const ready = await fetch(`${world.api.url}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toMatchObject({ checks: { channels: { a: { state: 'paused' } } } });
  expect((await world.client.get(task_id)).status).toBe('queued');
  expect(world.upstream.submissions()).toEqual([]);
  expect((await admin(world, 'POST', '/admin/channels/a/resume')).body).toMatchObject({ state: 'closed' });
  expect((await world.client.finished(task_id)).status).toBe('succeeded');
  expect(await world.api.logged('admin change')).toMatchObject({ audit: 'admin', path: '/admin/channels/a/pause' });
});

test('a task that waits at a shut channel moves to another one that serves its model, and is submitted there alone', async () => {
  const world = await worldOf('a', 'b');
  await admin(world, 'POST', '/admin/channels/a/pause');
  const tasks = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      world.client.submit({ model, prompt: `moves ${i}` }, { 'idempotency-key': `${i}` }),
    ),
  );
  const began = new Set(tasks.map((task) => task.metadata.channel));
  expect(began).toEqual(new Set(['a', 'b']));
  for (const { task_id } of tasks) {
    const task = await world.client.finished(task_id);
    expect(task).toMatchObject({
      status: 'succeeded',
      metadata: { channel: 'b', attempts: 1, possibly_duplicated: false, cost: { actual: '0.0200' } },
    });
  }
  expect(world.upstream.submissions()).toHaveLength(20);
});

test('a new cap holds at once, without a restart', async () => {
  const world = await worldOf('a');
  const gate = world.upstream.gate('poll', { prompt: 'capped' });
  const tasks = await Promise.all(
    Array.from({ length: 6 }, (_, i) => world.client.submit({ model, prompt: `capped ${i}` })),
  );
  await world.upstream.until(() => world.upstream.tasks().length === 2);
  const { body } = await admin(world, 'PATCH', '/admin/channels/a', { max_in_flight: 6 });
  expect(body).toMatchObject({ max_in_flight: 6 });
  await world.upstream.until(() => world.upstream.tasks().length === 6);
  gate.release();
  for (const { task_id } of tasks) await world.client.finished(task_id);
  expect((await admin(world, 'PATCH', '/admin/channels/a', { max_in_flight: null })).body).toMatchObject({
    max_in_flight: 2,
  });
  expect((await admin(world, 'PATCH', '/admin/channels/a', { max_in_flight: 0 })).status).toBe(400);
  expect((await admin(world, 'POST', '/admin/channels/z/pause')).status).toBe(404);
});

test('a change that another site makes in an admin’s browser is refused', async () => {
  const world = await worldOf('a');
  const headers = { authorization, origin: 'https://evil.example' };
  const answer = await fetch(`${world.api.url}/admin/channels/a/pause`, { method: 'POST', headers });
  expect(answer.status).toBe(403);
});

test('a task canceled in flight is canceled at the upstream too, where the channel declares that it takes cancels', async () => {
  const channel = (id: string, base_url: string) => ({
    id,
    base_url,
    api_key_env: 'UPSTREAM_API_KEY',
    cancel: true,
    models: [{ id: model }],
  });
  const world = await createWorld({ channels: (url) => ({ channels: [channel('a', url)] }) });
  onTestFinished(() => world.close());
  const { task_id } = await world.client.submit({ model, prompt: 'canceled there [[sim: duration=600000]]' });
  await world.upstream.until(() => world.upstream.tasks().some((task) => world.upstream.pollsOf(task.id) > 0));
  expect((await world.client.cancel(task_id)).status).toBe(200);
  await world.upstream.until(() => world.upstream.tasks()[0]?.cancels === 1);
  expect((await world.client.get(task_id)).status).toBe('canceled');
});
