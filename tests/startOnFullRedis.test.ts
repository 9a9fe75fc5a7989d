import { expect, onTestFinished, test } from 'vitest';
import { createWorld } from './world/createWorld.ts';
import { spawnProcess } from './world/process.ts';
import { startRedisProcess } from './world/redis.ts';

test('a worker that is started while Redis takes no writes waits for it, and then works', async () => {
  const redis = await startRedisProcess();
  const world = await createWorld({ redis });
  onTestFinished(async () => {
    await world.close();
    await redis.stop();
  });
  await world.worker.stop();
  const { task_id } = await world.client.submit({ model: 'NanoBanana', prompt: 'waits for a worker' });
  await redis.admin.config('SET', 'maxmemory', '1');
  const late = spawnProcess('worker', world.env);
  onTestFinished(() => late.kill('SIGKILL'));
  await late.logged('Redis takes no writes now; the start waits for it');
  await redis.admin.config('SET', 'maxmemory', '0');
  await late.logged('ready');
  expect((await world.client.finished(task_id)).status).toBe('succeeded');
});
