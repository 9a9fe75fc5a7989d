import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { awaited } from './world/awaited.ts';
import { type KillableRedis, startRedisProcess } from './world/redis.ts';
import { createWorld } from './world/world.ts';

const run = promisify(execFile);
const model = 'NanoBanana';

test('after Redis went back in time, finished tasks stay finished, and a repeat meets the same upstream task', async () => {
  const redis = await startRedisProcess(['--aof-timestamp-enabled', 'yes']);
  const env = { LOCK_SECONDS: '2', STALLED_CHECK_SECONDS: '0.6', SWEEP_INTERVAL_SECONDS: '1' };
  const world = await createWorld({ redis, env });
  onTestFinished(async () => {
    await world.close();
    await redis.stop();
  });
  // In flight at the moment that Redis will go back to.
  const running = await world.client.submit({ model, prompt: 'ends later [[sim: duration=2500]]' });
  await world.upstream.until(() => world.upstream.submissions().length === 1);
  const then = await nextSecond(redis);
  const key = { 'idempotency-key': 'made later' };
  const later = await world.client.submit({ model, prompt: 'made later' }, key);
  const before = await Promise.all([running, later].map(({ task_id }) => world.client.finished(task_id)));
  await awaited(async () => (await manifests(world.storageDir)) === 2);

  await redis.kill();
  await truncate(redis.dir, then);
  await redis.restart();
  await awaited(async () => (await fetch(`${world.api.url}/readyz`)).ok);

  // The first one's record says that it runs, the second one was never heard of.
  for (const task of before) expect(await world.client.get(task.task_id)).toEqual(task);
  const repeat = await world.client.request('POST', '/v1/images/tasks', {
    json: { model, prompt: 'made later' },
    headers: key,
  });
  expect(repeat.body.data).toMatchObject({ task_id: later.task_id, status: 'succeeded' });
  await awaited(async () => (await world.records.redis.zcard(world.records.keys.open(running.task_id))) === 0);
  expect((await world.client.get(running.task_id)).status).toBe('succeeded');
  expect(world.upstream.tasks()).toHaveLength(2);
});

/** The next whole second of Redis' clock: the file is stamped by seconds. */
async function nextSecond({ admin }: KillableRedis): Promise<number> {
  const now = async () => Number((await admin.time())[0]);
  const began = await now();
  await awaited(async () => (await now()) > began);
  await admin.set('stamp', '1');
  return began;
}

async function truncate(dir: string, second: number): Promise<void> {
  const folder = join(dir, 'appendonlydir');
  const manifest = (await readdir(folder)).find((name) => name.endsWith('.manifest'))!;
  await run('redis-check-aof', ['--truncate-to-timestamp', String(second), join(folder, manifest)]);
}

async function manifests(storageDir: string): Promise<number> {
  const folders = await Promise.all((await readdir(storageDir)).map((task) => readdir(join(storageDir, task))));
  return folders.filter((names) => names.includes('manifest.json')).length;
}
