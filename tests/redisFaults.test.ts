import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { PublicTask } from '@darkroom/shared/tasks';
import { expect, onTestFinished, test } from 'vitest';
import { awaited } from './world/awaited.ts';
import { allSucceed, doublesAreMarked, ready, submitCrowd, submittedOnce } from './world/crowd.ts';
import { type KillableRedis, startRedisProcess } from './world/redis.ts';
import { createWorld, type World } from './world/world.ts';

const json = { model: 'NanoBanana', prompt: 'one more [[sim: duration=3000]]' };
const env = { LOCK_SECONDS: '2', STALLED_CHECK_SECONDS: '0.6' };

async function redisProcess(...args: Parameters<typeof startRedisProcess>): Promise<KillableRedis> {
  const redis = await startRedisProcess(...args);
  onTestFinished(() => redis.stop());
  return redis;
}

async function worldOn(redis: KillableRedis, more: Record<string, string> = {}): Promise<World> {
  const world = await createWorld({ redis, env: { ...env, ...more } });
  onTestFinished(() => world.close());
  return world;
}

/** Tasks in every phase: some polled, some posted and not yet answered, some waiting in the queue. */
async function crowdInEveryPhase(world: World, durationMs: number) {
  const polled = await submitCrowd(world, 40, 'polled', `duration=${durationMs}`);
  await world.upstream.until(() => world.upstream.tasks().length === 40);
  const gate = world.upstream.gate('submit_answer');
  const posted = await submitCrowd(world, 30, 'posted');
  await world.upstream.until(() => gate.arrivals() === 30);
  const waiting = await submitCrowd(world, 30, 'waiting');
  return { gate, polled, all: [...polled, ...posted, ...waiting] };
}

const create = (world: World, key = 'one more') =>
  world.client.request('POST', '/v1/images/tasks', { json, headers: { 'idempotency-key': key } });
const field = async ({ admin }: KillableRedis, name: string) =>
  new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(await admin.info())?.[1];

test('a Redis that becomes a read-only replica in mid-load: creates are refused, and every task goes on afterwards', async () => {
  const [redis, other] = [await redisProcess(), await redisProcess()];
  const world = await worldOn(redis, { UPSTREAM_MAX_IN_FLIGHT: '70' });
  const { gate, polled, all } = await crowdInEveryPhase(world, 3000);
  const follow = async (follower: KillableRedis, leader: KillableRedis) => {
    await follower.admin.replicaof('127.0.0.1', leader.port);
    await awaited(async () => (await field(follower, 'master_link_status')) === 'up');
  };
  await follow(other, redis);
  await other.admin.replicaof('NO', 'ONE');
  await follow(redis, other);

  expect(await create(world)).toMatchObject({ status: 503, body: { code: 'queue_unavailable' } });
  gate.release();
  const madeOf = (task: PublicTask) =>
    world.upstream.tasks().some(({ prompt, phase }) => prompt === promptOf(world, task) && phase === 'succeeded');
  await awaited(() => polled.every(madeOf));
  await redis.admin.replicaof('NO', 'ONE');
  submittedOnce(world, await allSucceed(world, all));
}, 60_000);

test('scripts forgotten and connections cut again and again in mid-load: every task ends, submitted once', async () => {
  const redis = await redisProcess();
  const world = await worldOn(redis);
  const tasks = await submitCrowd(world, 100, 'cut', 'duration=2000');
  for (let cuts = 1; cuts <= 10; cuts++) {
    await redis.admin.script('FLUSH');
    await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await world.upstream.until(() => world.upstream.submissions().length >= cuts * 10);
  }
  await ready(world);
  submittedOnce(world, await allSucceed(world, tasks));
});

test('a Redis that answers nothing for 20 s: no task is run twice', async () => {
  const redis = await redisProcess();
  const world = await worldOn(redis);
  const tasks = await submitCrowd(world, 100, 'paused', 'duration=4000');
  await world.upstream.until(() => world.upstream.tasks().length === 100);
  await redis.pause();
  // The time is what is tested: nothing happens meanwhile.
  await pause(20_000);
  await redis.resume();
  await ready(world);
  submittedOnce(world, await allSucceed(world, tasks));
}, 60_000);

/** Makes its files hit a limit, as a full disk does. @returns gives it space again */
async function onSmallDisk(fsync: string) {
  const redis = await redisProcess(['--appendfsync', fsync], "trap '' XFSZ; ulimit -S -f 128");
  return { redis, space: () => void execFileSync('prlimit', ['--pid', String(redis.pid), '--fsize=unlimited']) };
}

/** Submits until the API refuses. @returns what it had accepted, by the key it was given under */
async function submitUntilRefused(world: World): Promise<Map<string, PublicTask>> {
  const accepted = new Map<string, PublicTask>();
  for (let tens = 0; ; tens++) {
    const keys = Array.from({ length: 10 }, (_, i) => `${tens}-${i}`);
    const answers = await Promise.all(keys.map((key) => create(world, key)));
    for (const [i, { status, body }] of answers.entries()) if (status === 200) accepted.set(keys[i]!, body.data);
    const refused = answers.find(({ status }) => status !== 200);
    if (!refused) continue;
    expect(refused).toMatchObject({ status: 503, body: { code: 'queue_unavailable' } });
    return accepted;
  }
}

/** Sends every accepted order again: one that lost its job as Redis went gets it now, or at the next sweep. */
async function repeatAll(world: World, accepted: Map<string, PublicTask>): Promise<PublicTask[]> {
  const answers = await Promise.all([...accepted.keys()].map((key) => create(world, key)));
  const ids = answers.map(({ body }) => body.data.task_id);
  expect(ids).toEqual([...accepted.values()].map(({ task_id }) => task_id));
  return [...accepted.values()];
}

test('a full disk under everysec: Redis lives and refuses writes; with space again all accepted tasks end', async () => {
  const { redis, space } = await onSmallDisk('everysec');
  const world = await worldOn(redis);
  const gate = world.upstream.gate('submit_answer');
  const accepted = await submitUntilRefused(world);
  expect(await field(redis, 'aof_last_write_status')).toBe('err');
  gate.release();
  await awaited(() => world.upstream.tasks().every(({ phase }) => phase === 'succeeded'));
  space();
  await awaited(async () => (await create(world)).status === 200);
  // A script of BullMQ's that the full disk broke off can leave a job without its lock: it is run again, and marked.
  doublesAreMarked(world, await allSucceed(world, await repeatAll(world, accepted)));
}, 60_000);

test('a full disk under always: Redis exits; started again with space, all accepted tasks end', async () => {
  const { redis } = await onSmallDisk('always');
  const world = await worldOn(redis);
  const gate = world.upstream.gate('submit_answer');
  const accepted = await submitUntilRefused(world);
  expect(await create(world)).toMatchObject({ status: 503 });
  await redis.restart();
  await ready(world);
  gate.release();
  submittedOnce(world, await allSucceed(world, await repeatAll(world, accepted)));
}, 60_000);

function promptOf(world: World, { task_id }: PublicTask): string | undefined {
  return world.upstream.submissions().find((s) => s.idempotencyKey?.startsWith(task_id))?.prompt;
}
