import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PublicTask } from '@darkroom/shared/tasks';
import { expect, onTestFinished, test } from 'vitest';
import { awaited } from './world/awaited.ts';
import { darkroom } from './world/command.ts';
import { acceptedOf, doublesAreMarked, ready } from './world/crowd.ts';
import { startRedisProcess } from './world/redis.ts';
import { createWorld, type World } from './world/world.ts';

const model = 'NanoBanana';
const env = {
  LOCK_SECONDS: '2',
  STALLED_CHECK_SECONDS: '0.6',
  UPSTREAM_SUBMITS_PER_MINUTE: '2400',
  SWEEP_INTERVAL_SECONDS: '1',
};

type Acknowledged = { id: string; number: number; at_ms: number };

/** Of an upstream that makes another task of every submission, whatever its key. */
const orderOf = (number: number) => ({
  model,
  prompt: `${number % 10 === 0 ? 'slow' : 'quick'} ${number} [[sim: accept_key=off duration=${150 + 10 * (number % 7)}]]`,
});

const submit = (world: World, number: number) =>
  world.client.request('POST', '/v1/images/tasks', {
    json: orderOf(number),
    headers: { 'idempotency-key': `order ${number}` },
  });

/** Submits ten at a time until the API refuses. Some 50 always wait: the channel lets 40 a second through. */
async function load(world: World, acknowledged: Acknowledged[], loss: Promise<void>): Promise<void> {
  for (let number = 0; ; number += 10) {
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => submit(world, number + i)));
    for (const [i, { status, body }] of answers.entries()) {
      if (status === 200) acknowledged.push({ id: body.data.task_id, number: number + i, at_ms: Date.now() });
    }
    if (answers.some(({ status }) => status !== 200)) return;
    const room = world.upstream.until(() => world.upstream.tasks().length >= acknowledged.length - 50);
    // After the loss there may never be room again: the next ten are refused.
    await Promise.race([room.catch(() => undefined), loss]);
  }
}

async function folder(name: string): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), `darkroom-${name}-`));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A backup while the world is under load. @returns its folder, and when it began */
async function backUp(world: World) {
  const to = await folder('backups');
  const taken = await darkroom(world.env, 'backup', '--to', to);
  expect(taken).toMatchObject({ code: 0, output: expect.stringContaining('Backed up to') });
  const path = join(to, (await readdir(to))[0]!);
  const { began_at_ms } = JSON.parse(await readFile(join(path, 'manifest.json'), 'utf8'));
  return { path, began_at_ms: began_at_ms as number };
}

/** The tasks that are finished now and whose manifest is stored. */
async function finishedOf(world: World, acknowledged: readonly Acknowledged[]): Promise<PublicTask[]> {
  const folders = await readdir(world.storageDir, { recursive: true });
  const kept = acknowledged.filter(({ id }) => folders.includes(join(id, 'manifest.json')));
  return Promise.all(kept.map(({ id }) => world.client.get(id)));
}

const answerOf = async (world: World, { id }: Acknowledged) =>
  (await world.client.request('GET', `/v1/images/tasks/${id}`)).status;

test('Redis and its disk destroyed under load: restored from a backup, no older task is lost and nothing is paid for twice unmarked', async () => {
  const redis = await startRedisProcess();
  const world = await createWorld({ redis, env });
  onTestFinished(async () => {
    await world.close();
    await redis.stop();
  });
  const acknowledged: Acknowledged[] = [];
  const loss = Promise.withResolvers<void>();
  const loading = load(world, acknowledged, loss.promise);
  await world.upstream.until(() => world.upstream.tasks().length >= 60);
  // What waits at the backup, or is ordered later, is in flight at the loss if it is slow.
  const gate = world.upstream.gate('download', { prompt: 'slow' });
  const backup = await backUp(world);
  const made = world.upstream.tasks().length;
  await world.upstream.until(() => world.upstream.tasks().length >= made + 60);
  const finished = await finishedOf(world, acknowledged);

  const lostAt = Date.now();
  await redis.kill();
  await rm(redis.dir, { recursive: true });
  loss.resolve();
  gate.release();
  await loading;
  const restored = await darkroom(world.env, 'restore', '--from', backup.path, '--redis-dir', redis.dir);
  expect(restored).toMatchObject({ code: 0, output: expect.stringContaining('What to do now') });
  await redis.restart();
  // Whatever it held is of another time.
  expect(await world.worker.exited).toBe(1);
  await world.startWorker();
  await ready(world);
  const acceptsAfter_ms = Date.now() - lostAt;
  const reconciled = await darkroom(world.env, 'reconcile', '--from', backup.path);
  expect(reconciled).toMatchObject({ code: 0, output: expect.stringContaining('unfinished ones') });

  const answers = await Promise.all(acknowledged.map((one) => answerOf(world, one)));
  const lost = acknowledged.filter((_, i) => answers[i] === 404);
  const remaining = acknowledged.filter((one) => !lost.includes(one));
  const ended = await Promise.all(remaining.map(({ id }) => world.client.finished(id)));
  const endedAfter_ms = Date.now() - lostAt;
  expect(ended.filter(({ status }) => status !== 'succeeded')).toEqual([]);
  const older = acknowledged.filter(({ at_ms }) => at_ms < backup.began_at_ms);
  expect(older.length).toBeGreaterThan(60);
  expect(lost.filter((one) => older.includes(one))).toEqual([]);
  for (const task of finished) expect(await world.client.get(task.task_id)).toEqual(task);

  // What is lost can be ordered again, by the same names.
  const again = await Promise.all(lost.map(({ number }) => submit(world, number)));
  expect(again.map(({ body }) => body.data.task_id)).toEqual(lost.map(({ id }) => id));
  const repeated = await Promise.all(lost.map(({ id }) => world.client.finished(id)));
  const all = [...ended, ...repeated];
  doublesAreMarked(world, all);
  // There were such: some that the backup had, and some that were lost.
  const doubled = all.filter(({ task_id }) => acceptedOf(world, task_id) > 1).map(({ task_id }) => task_id);
  for (const some of [remaining, lost]) expect(some.filter(({ id }) => doubled.includes(id))).not.toEqual([]);
  const { redis: connection, keys } = world.records;
  await awaited(async () => {
    const open = await Promise.all(keys.shards().map((shard) => connection.zcard(shard.open)));
    return open.every((count) => count === 0);
  });
  for (const task of all) expect(await world.client.get(task.task_id)).toEqual(task);
  const marked = all.filter(({ metadata }) => metadata.possibly_duplicated).length;
  process.stdout.write(
    `${reconciled.output}RPO: the backup was ${lostAt - backup.began_at_ms} ms old; of ${acknowledged.length} acknowledged ` +
      `tasks ${lost.length} were lost, none of ${older.length} older ones; ${finished.length} had finished\n` +
      `RTO: the API accepts after ${acceptsAfter_ms} ms, all remaining tasks ended after ${endedAfter_ms} ms\n` +
      `${doubled.length} tasks were accepted twice by the upstream, ${marked} say that they may have been\n`,
  );
}, 40_000);
