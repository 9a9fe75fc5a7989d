import { generationQueue } from '@darkroom/shared/queues';
import { expect, onTestFinished, test } from 'vitest';
import { awaited } from './world/awaited.ts';
import { allSucceed, submitCrowd, submittedOnce } from './world/crowd.ts';
import { type KillableRedis, startRedisProcess } from './world/redis.ts';
import { createWorld, type World } from './world/world.ts';

const json = { model: 'NanoBanana', prompt: 'one more' };
const lockSeconds = 2;

async function ownWorld(env: Record<string, string> = {}): Promise<{ world: World; redis: KillableRedis }> {
  const redis = await startRedisProcess();
  const world = await createWorld({
    redis,
    env: { LOCK_SECONDS: String(lockSeconds), STALLED_CHECK_SECONDS: '0.6', ...env },
  });
  onTestFinished(async () => {
    await world.close();
    await redis.stop();
  });
  return { world, redis };
}

/** Sets `maxmemory` so that what is used is this part of it. */
async function fill({ admin }: KillableRedis, part: number): Promise<void> {
  const used = Number(/used_memory:(\d+)/.exec(await admin.info('memory'))![1]);
  await admin.config('SET', 'maxmemory', Math.round(used / part));
}

test('from 80 % of maxmemory on creates are refused, queries, cancels and repeats are not; it resumes by itself', async () => {
  const { world, redis } = await ownWorld();
  const gate = world.upstream.gate('submit');
  const flying = await world.client.submit(json, { 'idempotency-key': 'before' });
  const canceled = await world.client.submit(json);
  await fill(redis, 0.85);
  // What is known of the memory is a second old at most.
  await awaited(async () => (await world.client.request('POST', '/v1/images/tasks', { json })).status === 503);
  const refused = await world.client.request('POST', '/v1/images/tasks', { json });
  expect(refused).toMatchObject({ status: 503, body: { code: 'queue_unavailable', data: null } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await world.client.submit(json, { 'idempotency-key': 'before' })).task_id).toBe(flying.task_id);
  expect((await world.client.cancel(canceled.task_id)).status).toBe(200);
  expect(await (await fetch(`${world.api.url}/readyz`)).json()).toMatchObject({
    checks: { redis: { durable: true, warnings: [expect.stringContaining('% full')] } },
  });
  gate.release();
  expect((await world.client.finished(flying.task_id)).status).toBe('succeeded');
  await redis.admin.config('SET', 'maxmemory', 0);
  await awaited(async () => (await world.client.request('POST', '/v1/images/tasks', { json })).status === 200);
});

test('100 tasks in flight on a full Redis for longer than a lock end by themselves, each submitted once', async () => {
  const { world, redis } = await ownWorld({ UPSTREAM_MAX_IN_FLIGHT: '100' });
  // Some are polled, some are being posted, some still wait in the queue.
  const polled = await submitCrowd(world, 60, 'polled', `duration=${2 * lockSeconds * 1000}`);
  await world.upstream.until(() => world.upstream.tasks().length === 60);
  const gate = world.upstream.gate('submit_answer');
  const posted = await submitCrowd(world, 40, 'posted');
  await world.upstream.until(() => gate.arrivals() === 40);
  const waiting = await submitCrowd(world, 30, 'waiting');
  await redis.admin.config('SET', 'maxmemory', 1_000_000);
  expect((await world.client.request('POST', '/v1/images/tasks', { json })).status).toBe(503);

  await allSucceed(world, polled);
  gate.release();
  await allSucceed(world, posted);
  await redis.admin.config('SET', 'maxmemory', 0);
  const ended = await allSucceed(world, [...polled, ...posted, ...waiting]);
  submittedOnce(world, ended);
  const queue = generationQueue('default', world.records.redis, world.records.keys);
  await awaited(async () => (await queue.getCompletedCount()) === 130);
});
