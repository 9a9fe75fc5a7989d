import { existsSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { awaited } from './world/awaited.ts';
import { createWorld } from './world/world.ts';

const model = 'NanoBanana';

async function ownWorld(options: Parameters<typeof createWorld>[0] = {}) {
  const world = await createWorld(options);
  onTestFinished(() => world.close());
  return world;
}

test('a worker told to go hands its tasks back, and the next one goes on with the same upstream tasks', async () => {
  const world = await ownWorld();
  const prompts = Array.from({ length: 50 }, (_, i) => `handed back ${i}`);
  const tasks = await Promise.all(
    prompts.map((prompt) => world.client.submit({ model, prompt: `${prompt} [[sim: duration=4000]]` })),
  );
  await world.upstream.until(() => world.upstream.tasks().length === 50);

  const began = Date.now();
  expect(await world.worker.stop()).toBe(0);
  expect(Date.now() - began).toBeLessThan(5000);
  await world.startWorker();

  for (const { task_id } of tasks) {
    const task = await world.client.finished(task_id);
    expect(task).toMatchObject({ status: 'succeeded', metadata: { attempts: 1, possibly_duplicated: false } });
  }
  expect(world.upstream.submissions()).toHaveLength(50);
});

test('a worker that dies while it polls is taken over, and nothing is submitted again', async () => {
  const world = await ownWorld({ env: { LOCK_SECONDS: '2', STALLED_CHECK_SECONDS: '0.6' } });
  const { task_id } = await world.client.submit({ model, prompt: 'taken over [[sim: duration=3000]]' });
  await world.upstream.until(() => world.upstream.tasks().some((task) => world.upstream.pollsOf(task.id) > 0));
  world.worker.kill('SIGKILL');
  await world.worker.exited;
  await world.startWorker();
  const task = await world.client.finished(task_id);
  expect(task).toMatchObject({ status: 'succeeded', metadata: { attempts: 1, possibly_duplicated: false } });
  expect(world.upstream.submissions()).toHaveLength(1);
});

test('a worker that dies between POST and answer never pays twice without saying so', async () => {
  const world = await ownWorld({ env: { LOCK_SECONDS: '2', STALLED_CHECK_SECONDS: '0.6' } });
  const gate = world.upstream.gate('submit_answer', { times: 1 });
  const { task_id } = await world.client.submit({ model, prompt: 'a pear' });
  await gate.arrived;
  world.worker.kill('SIGKILL');
  await world.worker.exited;
  await world.startWorker();
  const task = await world.client.finished(task_id);
  gate.release();
  expect(task).toMatchObject({ status: 'succeeded', metadata: { possibly_duplicated: true } });
  const keys = world.upstream.submissions().map((s) => s.idempotencyKey);
  expect(keys).toEqual([`${task_id}-0-1`, `${task_id}-0-1`]);
  expect(world.upstream.tasks()).toHaveLength(1);
});

test('a task that was done when Redis forgot it is still answered for', async () => {
  const world = await ownWorld();
  const { task_id } = await world.client.submit({ model, prompt: 'kept' });
  const task = await world.client.finished(task_id);
  await awaited(() => existsSync(`${world.storageDir}/${task_id}/manifest.json`));
  await world.records.redis.del(world.records.keys.task(task_id));
  expect(await world.client.get(task_id)).toEqual(task);
  expect((await world.bob.request('GET', `/v1/images/tasks/${task_id}`)).status).toBe(404);
});
