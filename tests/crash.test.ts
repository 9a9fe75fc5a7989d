import { readdir } from 'node:fs/promises';
import { addGenerationJobs, generationQueue } from '@darkroom/shared/queues';
import type { TaskId } from '@darkroom/shared/tasks';
import { expect, onTestFinished, test } from 'vitest';
import { awaited } from './world/awaited.ts';
import { createWorld, type World } from './world/world.ts';

const model = 'NanoBanana';

async function ownWorld() {
  const world = await createWorld({ env: { LOCK_SECONDS: '2', STALLED_CHECK_SECONDS: '0.6' } });
  onTestFinished(() => world.close());
  return world;
}

async function replaceWorker(world: World): Promise<void> {
  world.worker.kill('SIGKILL');
  await world.worker.exited;
  await world.startWorker();
}

const unmarked = { status: 'succeeded', metadata: { attempts: 1, possibly_duplicated: false, result_count: 1 } };

test('a worker killed before its POST: submitted once by the next', async () => {
  const world = await ownWorld();
  await world.client.submit({ model, prompt: 'holds the channel [[sim: submit=429 retry_after=5 times=1]]' });
  await world.upstream.until(() => world.upstream.submissions().some((s) => s.status === 429));
  const { task_id } = await world.client.submit({ model, prompt: 'before its POST' });
  await replaceWorker(world);
  expect(await world.client.finished(task_id)).toMatchObject(unmarked);
  expect(world.upstream.submissions({ prompt: 'before its POST' })).toHaveLength(1);
});

test('a worker killed while it downloads: the next one downloads, nothing is submitted again', async () => {
  const world = await ownWorld();
  const gate = world.upstream.gate('download', { times: 1 });
  const { task_id } = await world.client.submit({ model, prompt: 'while it downloads' });
  await gate.arrived;
  await replaceWorker(world);
  expect(await world.client.finished(task_id)).toMatchObject(unmarked);
  gate.release();
  expect(world.upstream.submissions()).toHaveLength(1);
  await awaited(async () => (await filesOf(world, task_id)).length === 2);
  expect(await filesOf(world, task_id)).toEqual(['0.png', 'manifest.json']);
});

test('a worker killed after it stored the picture, before it could say so: the picture is stored once', async () => {
  const world = await ownWorld();
  const { redis } = world.records;
  const gate = world.upstream.gate('download', { times: 1 });
  const { task_id } = await world.client.submit({ model, prompt: 'after storing' });
  await gate.arrived;
  // Redis refuses writes now, so the worker can store the picture but not finish the task.
  await redis.config('SET', 'min-replicas-to-write', '1');
  gate.release();
  await awaited(async () => (await filesOf(world, task_id)).includes('0.png'));
  world.worker.kill('SIGKILL');
  await world.worker.exited;
  expect((await world.client.get(task_id)).status).toBe('in_progress');
  await redis.config('SET', 'min-replicas-to-write', '0');
  await world.startWorker();
  expect(await world.client.finished(task_id)).toMatchObject(unmarked);
  expect(world.upstream.submissions()).toHaveLength(1);
  await awaited(async () => (await filesOf(world, task_id)).length === 2);
  expect(await filesOf(world, task_id)).toEqual(['0.png', 'manifest.json']);
});

test('a job whose task had ended before its worker died changes nothing', async () => {
  const world = await ownWorld();
  const { task_id } = await world.client.submit({ model, prompt: 'ended' });
  const task = await world.client.finished(task_id);
  const queue = generationQueue('default', world.records.redis, world.records.keys);
  await awaited(async () => (await queue.getJob(`${task_id}-0`))?.isCompleted() ?? false);
  await queue.remove(`${task_id}-0`);
  await addGenerationJobs(world.records.redis, queue, {
    id: task_id as TaskId,
    key_id: 'k_test',
    priority: 'interactive',
    model,
    part_sizes: [1],
  });
  await awaited(async () => (await queue.getJob(`${task_id}-0`))?.isCompleted() ?? false);
  expect(await world.client.get(task_id)).toEqual(task);
  expect(world.upstream.submissions()).toHaveLength(1);
});

test('a task that kills its worker again and again is set aside, and others go on', async () => {
  const world = await ownWorld();
  const { task_id } = await world.client.submit({ model, prompt: 'poison [[sim: duration=600000]]' });
  await world.upstream.until(() => world.upstream.tasks().length === 1);
  const { redis, keys } = world.records;
  // Five workers have claimed it and died; the next claim is the sixth.
  await redis.hset(keys.task(task_id), 'p0.starts', 5);
  await replaceWorker(world);
  const task = await world.client.finished(task_id);
  expect(task).toMatchObject({ status: 'failed', error: { code: 'poisoned', retryable: false } });
  const next = await world.client.submit({ model, prompt: 'goes on' });
  expect((await world.client.finished(next.task_id)).status).toBe('succeeded');
});

async function filesOf(world: World, taskId: string): Promise<string[]> {
  return (await readdir(`${world.storageDir}/${taskId}`).catch(() => [])).sort();
}
