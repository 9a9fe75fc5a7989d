import { expect, onTestFinished, test } from 'vitest';
import { allSucceed, doublesAreMarked, ready, submitCrowd } from './world/crowd.ts';
import { type KillableRedis, startRedisProcess } from './world/redis.ts';
import { createWorld, type World } from './world/world.ts';

const json = { model: 'NanoBanana', prompt: 'one more' };

async function ownWorld(): Promise<{ world: World; redis: KillableRedis }> {
  const redis = await startRedisProcess();
  const world = await createWorld({ redis, env: { LOCK_SECONDS: '2', STALLED_CHECK_SECONDS: '0.6' } });
  onTestFinished(async () => {
    await world.close();
    await redis.stop();
  });
  return { world, redis };
}

test('Redis killed and started again on its file in mid-load: all accepted tasks end, none submitted twice unmarked', async () => {
  const { world, redis } = await ownWorld();
  const tasks = await submitCrowd(world, 100, 'killed', 'duration=2000');
  for (const submitted of [20, 60]) {
    await world.upstream.until(() => world.upstream.submissions().length >= submitted);
    await redis.kill();
    await redis.restart();
  }
  await ready(world);
  doublesAreMarked(world, await allSucceed(world, tasks));
});

test('Redis that is long in loading its file: creates are refused meanwhile, then all goes on', async () => {
  const { world, redis } = await ownWorld();
  const tasks = await submitCrowd(world, 20, 'loading', 'duration=1000');
  await world.upstream.until(() => world.upstream.tasks().length === 20);
  await redis.kill();
  const loaded = redis.restart(['--key-load-delay', '2000']);
  const refused = await world.client.request('POST', '/v1/images/tasks', { json });
  expect(refused).toMatchObject({ status: 503, body: { code: 'queue_unavailable' } });
  await loaded;
  await ready(world);
  doublesAreMarked(world, await allSucceed(world, tasks));
});

test('after each of 20 restarts of Redis in a row the worker takes up the next task', async () => {
  const { world, redis } = await ownWorld();
  for (let restarts = 0; restarts < 20; restarts++) {
    await redis.kill();
    await redis.restart();
    const prompt = `after restart ${restarts}`;
    const key = { 'idempotency-key': prompt };
    const create = () => world.client.request('POST', '/v1/images/tasks', { json: { ...json, prompt }, headers: key });
    let answer = await create();
    while (answer.status === 503) answer = await create();
    expect((await world.client.finished(answer.body.data.task_id)).status).toBe('succeeded');
  }
}, 120_000);
