import { describe, expect } from 'vitest';
import { keys, type World } from './world/createWorld.ts';
import { readEvents } from './world/events.ts';
import { test } from './world/world.ts';

const model = 'NanoBanana';

const ofTask = (world: World, id: string, lastEventId?: string) =>
  readEvents(`${world.api.url}/v1/images/tasks/${id}/events`, keys.alice, lastEventId);
const ofKey = (world: World, lastEventId?: string, key = keys.alice, url = world.api.url) =>
  readEvents(`${url}/v1/events`, key, lastEventId);

describe('a task’s stream', () => {
  test('begins with the state as it is, tells what comes, and ends with the task', async ({ world }) => {
    const gate = world.upstream.gate('submit', { prompt: 'streamed' });
    const { task_id } = await world.client.submit({ model, prompt: 'streamed [[sim: duration=800 progress=on]]' });
    await gate.arrived;
    const stream = await ofTask(world, task_id);
    expect(stream.status).toBe(200);
    await stream.until(() => stream.events.length === 1);
    gate.release();
    await stream.ended;
    const names = stream.events.map(({ event }) => event);
    expect(names.filter((name) => name !== 'task.progress')).toEqual(['task.queued', 'task.started', 'task.succeeded']);
    expect(names).toContain('task.progress');
    expect(stream.events.every(({ data }) => data.task_id === task_id)).toBe(true);
    expect(stream.events.at(-1)!.data).toMatchObject({ status: 'succeeded', progress: '100%' });
    const progress = stream.events.map(({ data }) => Number.parseInt(data.progress, 10));
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    const ids = stream.events.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('of a task that has ended tells its end; who has heard it all is told that there is no more', async ({
    world,
  }) => {
    const told = await ofKey(world);
    const { task_id } = await world.client.submit({ model, prompt: 'over' });
    await told.until(() =>
      told.events.some(({ event, data }) => event === 'task.succeeded' && data.task_id === task_id),
    );
    told.close();
    const stream = await ofTask(world, task_id);
    await stream.ended;
    expect(stream.events.map(({ event }) => event)).toEqual(['task.succeeded']);
    const again = await ofTask(world, task_id, stream.events[0]!.id);
    expect(again.status).toBe(204);
  });

  test('goes on after the last event one had, without a gap and without a repeat', async ({ world }) => {
    const gate = world.upstream.gate('poll', { prompt: 'resumed' });
    const { task_id } = await world.client.submit({ model, prompt: 'resumed' });
    await gate.arrived;
    const first = await ofTask(world, task_id);
    await first.until(() => first.events.length === 1);
    first.close();
    gate.release();
    await world.client.finished(task_id);
    const second = await ofTask(world, task_id, first.events[0]!.id);
    await second.ended;
    expect(second.events.map(({ event }) => event)).toContain('task.succeeded');
    expect(second.events.map(({ id }) => id)).not.toContain(first.events[0]!.id);
  });
});

describe('a key’s stream', () => {
  test('tells of all its tasks and of nobody else’s, over several API processes', async ({ world }) => {
    const other = await world.startApi();
    const [here, there, bobs] = [
      await ofKey(world),
      await ofKey(world, undefined, keys.alice, other.url),
      await ofKey(world, undefined, keys.bob),
    ];
    const tasks = await Promise.all([1, 2, 3].map((i) => world.client.submit({ model, prompt: `all ${i}` })));
    const ids = new Set(tasks.map(({ task_id }) => task_id));
    for (const stream of [here, there]) {
      const ended = () =>
        stream.events.filter(({ event, data }) => event === 'task.succeeded' && ids.has(data.task_id));
      await stream.until(() => ended().length === 3);
      const queued = stream.events.filter(({ event, data }) => event === 'task.queued' && ids.has(data.task_id));
      expect(queued.length).toBeGreaterThanOrEqual(3);
    }
    expect(bobs.events).toEqual([]);
  });

  test('loses nothing over a lost subscription', async ({ world }) => {
    const stream = await ofKey(world);
    const before = await world.client.submit({ model, prompt: 'before' });
    await stream.until(() =>
      stream.events.some(({ event, data }) => event === 'task.succeeded' && data.task_id === before.task_id),
    );
    await world.records.redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    const tasks = await Promise.all(
      Array.from({ length: 10 }, (_, i) => world.client.submit({ model, prompt: `lost ${i}` })),
    );
    const told = (id: string) =>
      stream.events.some(({ event, data }) => event === 'task.succeeded' && data.task_id === id);
    await stream.until(() => tasks.every(({ task_id }) => told(task_id)));
    const ids = stream.events.flatMap(({ id }) => id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('ends when its process goes, and goes on at another one', async ({ world }) => {
    const doomed = await world.startApi();
    const stream = await ofKey(world, undefined, keys.alice, doomed.url);
    const first = await world.client.submit({ model, prompt: 'first process' });
    await stream.until(() =>
      stream.events.some(({ event, data }) => event === 'task.succeeded' && data.task_id === first.task_id),
    );
    doomed.kill('SIGTERM');
    await stream.ended;
    expect(await doomed.exited).toBe(0);
    const missed = await world.client.submit({ model, prompt: 'between processes' });
    await world.client.finished(missed.task_id);
    const resumed = await ofKey(world, stream.events.at(-1)!.id);
    await resumed.until(() =>
      resumed.events.some(({ event, data }) => event === 'task.succeeded' && data.task_id === missed.task_id),
    );
    expect(resumed.events.some(({ data }) => data.task_id === first.task_id)).toBe(false);
  });
});

test('a cancel is told, and another key’s task has no stream', async ({ world }) => {
  const gate = world.upstream.gate('submit', { prompt: 'to be canceled' });
  const { task_id } = await world.client.submit({ model, prompt: 'to be canceled' });
  const stream = await ofTask(world, task_id);
  await world.client.cancel(task_id);
  await stream.ended;
  gate.release();
  expect(stream.events.at(-1)).toMatchObject({ event: 'task.canceled', data: { status: 'canceled' } });
  const foreign = await readEvents(`${world.api.url}/v1/images/tasks/${task_id}/events`, keys.bob);
  expect(foreign.status).toBe(404);
});
