import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, type TestContext, test } from 'vitest';
import { awaited } from './world/awaited.ts';
import { ready } from './world/crowd.ts';
import { spawnProcess } from './world/process.ts';
import { type KillableRedis, startRedisProcess } from './world/redis.ts';
import { sweep } from './world/sweep.ts';
import { createWorld, type World } from './world/world.ts';

const model = 'NanoBanana';
const env = { ACK_DURABILITY: 'fsync', SWEEP_INTERVAL_SECONDS: '86400' };

/** A Redis that can be asked to wait for its disk; the test is skipped where there is none. */
async function redisWithWaitaof({ skip }: TestContext, fsync: 'always' | 'everysec'): Promise<KillableRedis> {
  const redis = await startRedisProcess(['--appendfsync', fsync]);
  onTestFinished(() => redis.stop());
  const version = /redis_version:(\S+)/.exec(await redis.admin.info('server'))![1]!;
  skip(Number.parseFloat(version) < 7.2, `this Redis (${version}) does not know WAITAOF`);
  return redis;
}

async function worldOn(redis: KillableRedis): Promise<World> {
  const world = await createWorld({ redis, env });
  onTestFinished(() => world.close());
  return world;
}

type Command = { at_ms: number; words: string };

/** Every command that Redis gets from now on. */
async function commandsOf({ port }: KillableRedis): Promise<Command[]> {
  const seen: Command[] = [];
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const lines = createInterface({ input: socket });
  socket.write('MONITOR\r\n');
  await once(lines, 'line');
  lines.on('line', (line) => {
    const [, at, words] = /^\+([\d.]+) (.*)$/.exec(line) ?? [];
    if (at && words) seen.push({ at_ms: Number(at) * 1000, words });
  });
  return seen;
}

/** When Redis was asked to wait for its disk, after it was first given what these words tell. */
function askedToSync(commands: readonly Command[], ...words: string[]): number | undefined {
  const given = commands.findIndex((command) => words.every((word) => command.words.includes(word)));
  if (given < 0) return undefined;
  return commands.slice(given).find((command) => command.words.includes('"WAITAOF" "1" "0"'))?.at_ms;
}

const create = (world: World, prompt: string) =>
  world.client.request('POST', '/v1/images/tasks', {
    json: { model, prompt },
    headers: { 'idempotency-key': prompt },
  });

test('a task is answered, and its POST leaves, once the disk of Redis has it; SIGKILL loses nothing', async (context) => {
  const redis = await redisWithWaitaof(context, 'always');
  const world = await worldOn(redis);
  const commands = await commandsOf(redis);
  const { task_id } = await world.client.submit({ model, prompt: 'on the disk' });
  const answeredAt = Date.now();
  await awaited(() => askedToSync(commands, `:task:${task_id}`, '"fingerprint"') !== undefined);
  expect(askedToSync(commands, `:task:${task_id}`)).toBeLessThanOrEqual(answeredAt);
  expect((await world.client.finished(task_id)).status).toBe('succeeded');
  const [submission] = world.upstream.submissions();
  await awaited(() => askedToSync(commands, `:task:${task_id}`, '"submitting"') !== undefined);
  expect(askedToSync(commands, `:task:${task_id}`, '"submitting"')).toBeLessThanOrEqual(submission!.at);

  const killed = await world.client.submit({ model, prompt: 'Redis is killed at its answer' });
  await redis.kill();
  await redis.restart();
  await ready(world);
  expect((await world.client.finished(killed.task_id)).status).toBe('succeeded');
});

test('what Redis does not bring to its disk is not accepted, neither at once nor later', async (context) => {
  const redis = await redisWithWaitaof(context, 'always');
  const world = await worldOn(redis);
  const running = (await create(world, 'runs [[sim: duration=600000]]')).body.data;
  const refused = { status: 503, body: { code: 'queue_unavailable' } };
  await redis.admin.config('SET', 'appendfsync', 'no');
  expect(await create(world, 'refused')).toMatchObject(refused);
  // Nor is an answer given that says that something was kept.
  expect(await create(world, 'runs [[sim: duration=600000]]')).toMatchObject(refused);
  const { keys } = world.records;
  const open = await Promise.all(keys.shards().map((shard) => redis.admin.zrange(shard.open, 0, '-1')));
  expect(open.flat()).toEqual([running.task_id]);
  await redis.admin.config('SET', 'appendfsync', 'always');
  expect(await sweep(world)).toEqual({});
  expect(world.upstream.submissions({ prompt: 'refused' })).toEqual([]);

  const repeat = await create(world, 'runs [[sim: duration=600000]]');
  expect({ status: repeat.status, id: repeat.body.data.task_id }).toEqual({ status: 200, id: running.task_id });
  const accepted = await create(world, 'refused');
  expect((await world.client.finished(accepted.body.data.task_id)).status).toBe('succeeded');
  expect(world.upstream.submissions({ prompt: 'refused' })).toHaveLength(1);
  await redis.pause();
  const began = performance.now();
  expect(await create(world, 'Redis is away')).toMatchObject(refused);
  expect(performance.now() - began).toBeLessThan(2000);
  await redis.resume();
});

test('a Redis that says too early that a write is on its disk is refused, as is one that never syncs', async (context) => {
  const redis = await redisWithWaitaof(context, 'everysec');
  const isEarly = await confirmsEarly(redis);
  const { env: whole } = await createWorld({ redis }).then((world) => {
    onTestFinished(() => world.close());
    return world;
  });
  for (const app of ['api', 'worker'] as const) {
    const process = spawnProcess(app, { ...whole, ...env });
    const hello = process.logged(app === 'api' ? 'listening' : 'ready').then(() => 'started');
    const outcome = await Promise.race([hello, process.exited]);
    expect(outcome).toBe(isEarly ? 1 : 'started');
    if (isEarly) expect(process.lines.join()).toContain('says that a write is on its disk before it is');
    else expect(await process.stop()).toBe(0);
  }
  await redis.admin.config('SET', 'appendfsync', 'no');
  const process = spawnProcess('worker', { ...whole, ...env });
  expect(await process.exited).toBe(1);
  expect(process.lines.join()).toContain('never syncs by itself');
});

/** Whether three writes are told to be on the disk within less than the three syncs, a second apart, that they take. */
async function confirmsEarly({ admin }: KillableRedis): Promise<boolean> {
  const began = performance.now();
  for (let writes = 0; writes < 3; writes++) {
    await admin.set('a', String(writes));
    await admin.call('WAITAOF', 1, 0, 2000);
  }
  return performance.now() - began < 1000;
}
