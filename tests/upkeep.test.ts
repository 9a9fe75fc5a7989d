import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addGenerationJobs, generationQueue, upkeepQueue } from '@darkroom/shared/queues';
import { cancelTask, createTask, jobIdOf, type NewTask, newTaskId, type TaskId } from '@darkroom/shared/tasks';
import { describe, expect, onTestFinished } from 'vitest';
import { awaited } from './world/awaited.ts';
import { sweep } from './world/sweep.ts';
import { adminPassword, createWorld, testIn, type World } from './world/world.ts';

const model = 'NanoBanana';
const minutes = 60_000;
const days = 24 * 60 * minutes;

// One task in flight: the next one waits. Sweeps come when a test asks for them.
const test = testIn({ env: { UPSTREAM_MAX_IN_FLIGHT: '1', SWEEP_INTERVAL_SECONDS: '86400' } });

/** A record as the API writes it, without the job that follows. */
async function recordWithoutJob(world: World, prompt: string, changes: Partial<NewTask> = {}): Promise<NewTask> {
  const now = Date.now();
  const { task_id } = await world.client.submit({ model, prompt: `${prompt}: whose key is it` });
  await world.client.finished(task_id);
  const key_id = (await world.records.redis.hget(world.records.keys.task(task_id), 'key_id'))!;
  const task: NewTask = {
    id: newTaskId(),
    key_id,
    channel: 'default',
    fingerprint: 'f'.repeat(64),
    request: { model, prompt, task_type: 'text2image', inputs: [], aspect_ratio: null, output_format: null, n: 1 },
    labels: {},
    priority: 'interactive',
    unit_price: '0.0390',
    currency: 'USD',
    part_sizes: [1],
    created_at_ms: now,
    deadline_at_ms: now + 10 * minutes,
    ...changes,
  };
  expect(await createTask(world.records, task, now + minutes)).toBe('created');
  return task;
}

/** Makes a task's last change look older than any grace. */
const age = ({ records: { redis, keys } }: World, id: string) => redis.zadd(keys.open(id), Date.now() - minutes, id);

/** Fills the channel with a task that takes its time; it is canceled after the test. */
async function fillChannel(world: World, prompt: string): Promise<string> {
  const { task_id } = await world.client.submit({ model, prompt: `${prompt} [[sim: duration=600000]]` });
  onTestFinished(async () => void (await world.client.cancel(task_id)));
  await world.upstream.until(() => world.upstream.submissions({ prompt }).length === 1);
  return task_id;
}

const filesOf = async (world: World, id: string) => (await readdir(join(world.storageDir, id)).catch(() => [])).sort();

describe('a record without a job', () => {
  test('gets its job again, once it is old enough that nobody is just adding it', async ({ world }) => {
    const { id } = await recordWithoutJob(world, 'the API died');
    expect(await sweep(world)).toEqual({});
    await age(world, id);
    expect(await sweep(world)).toEqual({ jobs_added: 1 });
    expect((await world.client.finished(id)).status).toBe('succeeded');
    expect(await sweep(world)).toEqual({});
  });

  test('is no hindrance to others when a newer release wrote it', async ({ world }) => {
    const newer = await recordWithoutJob(world, 'of a newer release');
    const ours = await recordWithoutJob(world, 'of this release');
    await Promise.all([age(world, newer.id), age(world, ours.id)]);
    const say = (version: string) => world.records.redis.hset(world.records.keys.task(newer.id), 'v', version);
    await say('2');
    expect(await sweep(world)).toEqual({ jobs_added: 1 });
    await say('1');
    expect(await sweep(world)).toEqual({ jobs_added: 1 });
  });

  test('whose part is worked on is left alone, and one whose job was lost gets it back', async ({ world }) => {
    const inFlight = await fillChannel(world, 'in flight');
    const { task_id } = await world.client.submit({ model, prompt: 'its job was lost' });
    const queue = generationQueue('default', world.records.redis, world.records.keys);
    expect(await queue.remove(jobIdOf(task_id as TaskId, 0))).toBe(1);
    for (const id of [inFlight, task_id]) await age(world, id);
    expect(await sweep(world)).toEqual({ jobs_added: 1 });
    expect(await sweep(world)).toEqual({});
    await world.client.cancel(inFlight);
    expect((await world.client.finished(task_id)).status).toBe('succeeded');
    expect(world.upstream.submissions({ prompt: 'its job was lost' })).toHaveLength(1);
  });
});

describe('a task that waits in the queue past its deadline', () => {
  test('is ended without having been submitted', async ({ world }) => {
    await fillChannel(world, 'holds the channel');
    const { task_id } = await world.client.submit({ model, prompt: 'too late', deadline_seconds: 1 });
    await awaited(async () => (await sweep(world)).tasks_expired === 1);
    const task = await world.client.get(task_id);
    expect(task).toMatchObject({ status: 'failed', error: { code: 'deadline_exceeded' }, metadata: { attempts: 0 } });
    expect(await sweep(world)).toEqual({});
    expect(world.upstream.submissions({ prompt: 'too late' })).toEqual([]);
    expect(await filesOf(world, task_id)).toEqual(['manifest.json']);
  });

  test('says why, where the upstream could not take it', async ({ world }) => {
    await fillChannel(world, 'holds the channel again');
    const { task_id } = await world.client.submit({ model, prompt: 'never taken', deadline_seconds: 1 });
    await world.records.redis.hset(world.records.keys.task(task_id), 'p0.trouble', 'it answered 500');
    await awaited(async () => (await sweep(world)).tasks_expired === 1);
    expect(await world.client.get(task_id)).toMatchObject({
      error: { code: 'upstream_unavailable', message: expect.stringContaining('it answered 500') },
    });
  });

  test('is left to the worker that holds it', async ({ world }) => {
    const prompt = 'held past its deadline';
    const { task_id } = await world.client.submit({ model, prompt: `${prompt} [[sim: submit=429 retry_after=600]]` });
    await world.upstream.until(() => world.upstream.submissions({ prompt }).some((s) => s.status === 429));
    const { redis, keys } = world.records;
    onTestFinished(async () => void (await redis.del(keys.gate('default'))));
    await awaited(async () => (await redis.hget(keys.task(task_id), 'p0.state')) === 'queued');
    await redis.hset(keys.task(task_id), 'deadline_at_ms', Date.now() - 1);
    expect(await sweep(world)).toEqual({});
    expect((await world.client.get(task_id)).status).toBe('queued');
    await world.client.cancel(task_id);
  });
});

test('waiting jobs whose task has ended or gone are removed', async ({ world }) => {
  const ended = await world.client.submit({ model, prompt: 'ended before' });
  await world.client.finished(ended.task_id);
  await fillChannel(world, 'in front of dead jobs');
  const queue = generationQueue('default', world.records.redis, world.records.keys);
  await awaited(async () => (await queue.getJob(`${ended.task_id}-0`))?.isCompleted() ?? false);
  await queue.remove(`${ended.task_id}-0`);
  for (const id of [ended.task_id as TaskId, newTaskId()]) {
    await addGenerationJobs(world.records.redis, queue, {
      id,
      key_id: 'k_test',
      priority: 'interactive',
      model,
      part_sizes: [1],
    });
  }
  const alive = await world.client.submit({ model, prompt: 'still to be made' });
  expect(await sweep(world)).toEqual({ jobs_removed: 2 });
  expect(await sweep(world)).toEqual({});
  expect(await queue.getJobState(`${alive.task_id}-0`)).toBe('prioritized');
  await world.client.cancel(alive.task_id);
});

test('an ended task without a manifest gets one', async ({ world }) => {
  const { id, key_id } = await recordWithoutJob(world, 'canceled by an API that died');
  expect(await cancelTask(world.records, id, key_id, Date.now() - minutes)).toBe('canceled');
  const task = await world.client.get(id);
  expect(await filesOf(world, id)).toEqual([]);
  expect(await sweep(world)).toEqual({ manifests_written: 1 });
  expect(await sweep(world)).toEqual({});
  await world.records.redis.del(world.records.keys.task(id));
  expect(await world.client.get(id)).toEqual(task);
});

test('objects that no task owns are removed an hour after that was first seen, and nothing else is', async ({
  world,
}) => {
  const { redis, keys } = world.records;
  const { task_id: owned } = await world.client.submit({ model, prompt: 'owned' });
  await world.client.finished(owned);
  await awaited(async () => (await filesOf(world, owned)).length === 2);
  const [unowned, taken] = [newTaskId(), newTaskId()];
  for (const folder of [unowned, taken, 'somebody-elses']) {
    await mkdir(join(world.storageDir, folder));
    await writeFile(join(world.storageDir, folder, 'input-0.png'), 'bytes');
  }
  expect(await sweep(world)).toEqual({});
  expect(await redis.zrange(keys.unowned(), 0, '-1')).toEqual([unowned, taken].sort());
  for (const folder of [unowned, taken, owned]) await redis.zadd(keys.unowned(), Date.now() - 61 * minutes, folder);
  await writeFile(join(world.storageDir, taken, 'manifest.json'), '{}');
  expect(await sweep(world)).toEqual({ folders_removed: 1 });
  expect(await sweep(world)).toEqual({});
  const folders = await readdir(world.storageDir);
  expect(folders).not.toContain(unowned);
  expect(folders).toEqual(expect.arrayContaining([taken, owned, 'somebody-elses']));
  expect(await filesOf(world, owned)).toEqual(['0.png', 'manifest.json']);
});

test('a file that a dying process left half-written is removed an hour later', async ({ world }) => {
  const incoming = join(world.storageDir, '.incoming');
  for (const name of ['old', 'young']) await writeFile(join(incoming, name), 'half a pict');
  const then = new Date(Date.now() - 61 * minutes);
  await utimes(join(incoming, 'old'), then, then);
  expect(await sweep(world)).toEqual({ half_files_removed: 1 });
  expect(await readdir(incoming)).toEqual(['young']);
});

describe('an upstream task that nobody will fetch', () => {
  type Orphans = { orphans: Record<string, unknown>[] };
  const orphansOf = async (world: World, taskId: string) => {
    const authorization = `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}`;
    const answer = await fetch(`${world.api.url}/admin/orphans`, { headers: { authorization } });
    return ((await answer.json()) as Orphans).orphans.filter((orphan) => orphan.task_id === taskId);
  };
  const orphan = { channel: 'default', part: 0, attempt: 1, cost: '0.0780', currency: 'USD' };

  test('because its task was canceled in flight is listed with its price, and forgotten after 30 days', async ({
    world,
  }) => {
    const prompt = 'canceled in flight';
    const { task_id } = await world.client.submit({ model, n: 2, prompt: `${prompt} [[sim: duration=600000]]` });
    const { redis, keys } = world.records;
    await awaited(async () => (await redis.hget(keys.task(task_id), 'p0.state')) === 'running');
    await world.client.cancel(task_id);
    const [submission] = world.upstream.submissions({ prompt });
    const listed = { ...orphan, task_id, reason: 'canceled', upstream_task_id: submission!.upstreamTaskId };
    expect(await orphansOf(world, task_id)).toEqual([{ ...listed, listed_at: expect.stringMatching(/^20.*Z$/) }]);
    const [member] = await redis.zrevrange(keys.orphans('default'), 0, 0);
    await redis.zadd(keys.orphans('default'), 'XX', Date.now() - 31 * days, member!);
    expect(await sweep(world)).toEqual({ orphans_forgotten: 1 });
    expect(await sweep(world)).toEqual({});
    expect(await orphansOf(world, task_id)).toEqual([]);
  });

  test('because it was named after its task was canceled is listed', async ({ world }) => {
    const prompt = 'named too late';
    const gate = world.upstream.gate('submit_answer', { prompt });
    const { task_id } = await world.client.submit({ model, n: 2, prompt });
    await gate.arrived;
    await world.client.cancel(task_id);
    expect(await orphansOf(world, task_id)).toEqual([]);
    gate.release();
    await awaited(async () => (await orphansOf(world, task_id)).length > 0);
    const { upstreamTaskId } = world.upstream.submissions({ prompt })[0]!;
    expect(await orphansOf(world, task_id)).toMatchObject([{ ...orphan, upstream_task_id: upstreamTaskId }]);
  });

  test('because its task was not done by its deadline is listed', async ({ world }) => {
    const prompt = 'not done in time';
    const order = { model, n: 2, prompt: `${prompt} [[sim: duration=600000]]`, deadline_seconds: 1 };
    const { task_id } = await world.client.submit(order);
    expect((await world.client.finished(task_id)).error?.code).toBe('deadline_exceeded');
    expect(await orphansOf(world, task_id)).toMatchObject([{ ...orphan, reason: 'expired' }]);
  });
});

test('sweeps come by themselves, once an interval however many workers there are', async () => {
  const world = await createWorld({ env: { SWEEP_INTERVAL_SECONDS: '0.5' } });
  onTestFinished(() => world.close());
  await world.startWorker();
  const { id } = await recordWithoutJob(world, 'nobody asked for a sweep', { created_at_ms: Date.now() - minutes });
  expect((await world.client.finished(id)).status).toBe('succeeded');
  expect(await upkeepQueue(world.records.redis, world.records.keys).getJobSchedulersCount()).toBe(1);
});
