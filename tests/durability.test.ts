import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { type App, spawnProcess } from './world/process.ts';
import { startRedisProcess } from './world/redis.ts';
import { createWorld } from './world/world.ts';

const run = promisify(execFile);

async function redisProcess(args: readonly string[] = []) {
  const redis = await startRedisProcess(args);
  onTestFinished(() => redis.stop());
  return redis;
}

async function worldOn(redis: Awaited<ReturnType<typeof redisProcess>>, env: Record<string, string> = {}) {
  const world = await createWorld({ redis, env });
  onTestFinished(() => world.close());
  return world;
}

/** What a process says that ends at once, given these variables beside the world's. */
async function refusal(app: App, worldEnv: Record<string, string>, env: Record<string, string>) {
  const process = spawnProcess(app, { ...worldEnv, ...env });
  return { code: await process.exited, said: process.lines.join('\n') };
}

/** `darkroom doctor` with this environment and no other. */
async function doctor(env: Record<string, string>): Promise<{ code: number; said: string }> {
  const options = { env: { PATH: process.env.PATH, ...env } };
  const ended = run(process.execPath, ['apps/cli/src/main.ts', 'doctor'], options);
  return ended.then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (error) => ({ code: error.code, said: error.stdout + error.stderr }),
  );
}

test('a Redis that could lose accepted work is told of at start, shown by /readyz and refused where durability is required', async () => {
  const redis = await redisProcess();
  const world = await worldOn(redis);
  const good = await world.api.logged('what this Redis would lose');
  expect(good).toMatchObject({ level: 30, durable: true, warnings: [] });
  expect(String(good.losses)).toContain('a power cut of its machine loses about the last second');
  const other = await redisProcess();
  const replicate = (...master: [string, string]) => redis.admin.call('REPLICAOF', ...master);
  const set = (name: string, value: string) => redis.admin.config('SET', name, value);
  const faults = [
    {
      sentence: 'append-only file is off',
      app: 'api',
      spoil: () => set('appendonly', 'no'),
      mend: () => set('appendonly', 'yes'),
    },
    {
      sentence: 'maxmemory-policy is allkeys-lru',
      app: 'worker',
      spoil: () => set('maxmemory-policy', 'allkeys-lru'),
      mend: () => set('maxmemory-policy', 'noeviction'),
    },
    {
      sentence: 'read-only replica',
      app: 'api',
      spoil: () => replicate('127.0.0.1', String(other.port)),
      mend: () => replicate('NO', 'ONE'),
    },
  ] as const;
  for (const { sentence, app, spoil, mend } of faults) {
    await spoil();
    const { code, said } = await refusal(app, world.env, { REQUIRE_DURABLE_REDIS: 'true' });
    expect(code).toBe(1);
    expect(said).toContain('cannot start: REQUIRE_DURABLE_REDIS is true and this Redis could lose accepted work.');
    expect(said).toContain(sentence);
    const ready = (await (await fetch(`${world.api.url}/readyz`)).json()) as { checks: { redis: object } };
    expect(ready.checks.redis).toMatchObject({ durable: false, warnings: [expect.stringContaining(sentence)] });
    await mend();
  }
  await redis.admin.config('SET', 'appendonly', 'no');
  const unsafe = await world.startApi();
  expect(await unsafe.logged('what this Redis would lose')).toMatchObject({ level: 40, durable: false });
}, 60_000);

test('where CONFIG and INFO are forbidden, what is not known is said, and durability is not claimed', async () => {
  const redis = await redisProcess();
  const world = await worldOn(redis);
  const asUser = async (name: string, ...rules: string[]) => {
    await redis.admin.acl('SETUSER', name, 'on', '>pw', '~*', '&*', '+@all', ...rules);
    return world.startApi({ REDIS_URL: redis.url.replace('//', `//${name}:pw@`) });
  };
  const withoutConfig = await (await asUser('noconfig', '-config')).logged('what this Redis would lose');
  expect(withoutConfig).toMatchObject({ level: 30, durable: true, warnings: [] });
  expect(String(withoutConfig.losses)).toContain('it does not tell which it has');
  const redisUrl = redis.url.replace('//', '//noinfo:pw@');
  await redis.admin.acl('SETUSER', 'noinfo', 'on', '>pw', '~*', '&*', '+@all', '-info', '-config');
  const refused = await refusal('api', world.env, { REDIS_URL: redisUrl, REQUIRE_DURABLE_REDIS: 'true' });
  expect(refused).toMatchObject({ code: 1, said: expect.stringContaining('INFO is refused') });
});

test('a promise that this Redis cannot keep is refused: ACK_DURABILITY=fsync before Redis 7.2', async ({ skip }) => {
  const redis = await redisProcess();
  const version = /redis_version:(\S+)/.exec(await redis.admin.info('server'))![1]!;
  skip(Number.parseFloat(version) >= 7.2, 'this Redis knows WAITAOF');
  const world = await worldOn(redis);
  for (const app of ['api', 'worker'] as const) {
    const { code, said } = await refusal(app, world.env, { ACK_DURABILITY: 'fsync' });
    expect(code).toBe(1);
    expect(said).toContain(`cannot start: ACK_DURABILITY is fsync, and this Redis (version ${version}) cannot say`);
  }
});

test('darkroom doctor says what would be lost and when, finds every fault, and tells no secret', async () => {
  const redis = await redisProcess();
  const world = await worldOn(redis);
  const well = await doctor(world.env);
  expect(well).toMatchObject({ code: 0, said: expect.stringContaining('Ready') });
  expect(well.said).toContain('a power cut of its machine loses about the last second');
  for (const title of ['Configuration', 'Redis', 'Storage', 'Channel default']) expect(well.said).toContain(title);
  expect(world.upstream.submissions()).toEqual([]);

  await redis.admin.config('SET', 'appendonly', 'no');
  const lossy = await doctor({ ...world.env, REQUIRE_DURABLE_REDIS: 'true', UPSTREAM_BASE_URL: 'http://127.0.0.1:1' });
  expect(lossy.code).toBe(1);
  expect(lossy.said).toContain('A crash or a restart of Redis loses every queue and record');
  expect(lossy.said).toContain('fail  127.0.0.1:1 cannot be reached: ECONNREFUSED.');
  const faulty = await doctor({ ...world.env, PORT: 'x', API_KEYS: 'alice:short', SIGNING_KEYS: '' });
  expect(faulty.code).toBe(1);
  for (const name of ['PORT', 'API_KEYS', 'SIGNING_KEYS']) expect(faulty.said).toContain(`fail  ${name}: `);
  for (const secret of ['API_KEYS', 'UPSTREAM_API_KEY', 'SIGNING_KEYS', 'ADMIN_PASSWORD']) {
    const value = world.env[secret]!.split(':').at(-1)!;
    for (const { said } of [well, lossy, faulty]) expect(said).not.toContain(value);
  }
});
