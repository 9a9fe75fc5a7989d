import { expect, onTestFinished, test } from 'vitest';
import { createWorld, type World } from './world/world.ts';

const model = 'NanoBanana';

async function ownWorld(): Promise<World> {
  const world = await createWorld();
  onTestFinished(() => world.close());
  return world;
}

test('a task that is still waiting for its channel at its deadline fails, and is never submitted', async () => {
  const world = await ownWorld();
  await world.client.submit({ model, prompt: 'holds the channel [[sim: submit=429 retry_after=60 times=1]]' });
  await world.upstream.until(() => world.upstream.submissions().length === 1);
  const { task_id } = await world.client.submit({ model, prompt: 'waits', deadline_seconds: 1 });
  const task = await world.client.finished(task_id);
  expect(task).toMatchObject({ status: 'failed', error: { code: 'deadline_exceeded', retryable: true } });
  expect(task.metadata).toMatchObject({ attempts: 0, cost: { actual: '0.0000' } });
  expect(world.upstream.submissions({ prompt: 'waits' })).toEqual([]);
});

test('a task that the upstream has not finished by its deadline fails, and is asked for no more', async () => {
  const world = await ownWorld();
  const prompt = 'takes too long [[sim: duration=600000]]';
  const { task_id } = await world.client.submit({ model, prompt, deadline_seconds: 1 });
  const task = await world.client.finished(task_id);
  expect(task).toMatchObject({ status: 'failed', error: { code: 'deadline_exceeded' }, metadata: { attempts: 1 } });
  const upstreamTaskId = world.upstream.submissions({ prompt })[0]!.upstreamTaskId!;
  const polls = world.upstream.pollsOf(upstreamTaskId);
  const next = await world.client.submit({ model, prompt: 'time passes' });
  await world.client.finished(next.task_id);
  expect(world.upstream.pollsOf(upstreamTaskId)).toBe(polls);
});

test('a picture that the upstream has made is not given up for the deadline’s sake while it can be fetched', async () => {
  const world = await ownWorld();
  const gate = world.upstream.gate('download', { prompt: 'made in time' });
  const { task_id } = await world.client.submit({ model, prompt: 'made in time', deadline_seconds: 4 });
  await gate.arrived;
  const held = await world.client.request('GET', `/v1/images/tasks/${task_id}?wait=5`);
  expect(held.body.data.status).toBe('in_progress');
  gate.release();
  expect((await world.client.finished(task_id)).status).toBe('succeeded');
});

test('a deadline must be a whole number of seconds, up to a week', async () => {
  const world = await ownWorld();
  for (const deadline_seconds of [0, -1, 1.5, 604_801, '60']) {
    const json = { model, prompt: 'x', deadline_seconds };
    const { status, body } = await world.client.request('POST', '/v1/images/tasks', { json });
    expect({ status, field: body.errors?.[0]?.field }).toEqual({ status: 400, field: 'deadline_seconds' });
  }
});
