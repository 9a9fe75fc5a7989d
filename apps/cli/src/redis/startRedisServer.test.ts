import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  ensureRedisServer,
  findRedisServer,
  type RedisServer,
  type StartRedisOptions,
  startRedisServer,
} from './index.ts';
import { rememberPort, stopLeftover } from './stopLeftover.ts';

let binary: string;
beforeAll(async () => {
  binary = await ensureRedisServer({ env: process.env, say: () => {} });
});

const newDir = () => mkdtemp(join(tmpdir(), 'darkroom-redis-'));

async function start(options: Omit<StartRedisOptions, 'binary'>): Promise<RedisServer> {
  const server = await startRedisServer({ binary, ...options });
  onTestFinished(() => server.stop());
  return server;
}

function connect(server: RedisServer): Redis {
  const redis = new Redis(server.url);
  redis.on('error', () => {});
  onTestFinished(() => redis.disconnect());
  return redis;
}

test('a Redis of ours keeps everything, evicts nothing, and listens on loopback', async () => {
  const server = await start({ dir: await newDir() });
  const redis = connect(server);
  const setting = async (name: string) => ((await redis.call('CONFIG', 'GET', name)) as string[])[1];
  expect(await setting('appendonly')).toBe('yes');
  expect(await setting('appendfsync')).toBe('everysec');
  expect(await setting('maxmemory-policy')).toBe('noeviction');
  expect(await setting('save')).toBe('');
  expect(await setting('bind')).toBe('127.0.0.1');
  expect(await setting('dir')).toBe(server.dir);
});

test('what was written survives a kill, on the same folder', async () => {
  const dir = await newDir();
  const first = await start({ dir });
  await connect(first).set('pear', 'ripe');
  first.kill('SIGKILL');
  await first.exited;
  const second = await start({ dir, port: first.port });
  expect(await connect(second).get('pear')).toBe('ripe');
  expect(second.pid).not.toBe(first.pid);
});

test('two start at once on ports of their own', async () => {
  const [one, other] = await Promise.all([start({ dir: await newDir() }), start({ dir: await newDir() })]);
  expect(one.port).not.toBe(other.port);
});

test('one that cannot start says why', async () => {
  const dir = await newDir();
  const { port } = await start({ dir });
  const second = startRedisServer({ binary, dir: await newDir(), port });
  await expect(second).rejects.toThrow(/port \d+\) does not start: .*(Address already in use|Failed listening)/);
});

test('a program that is not there is an error, not a hang', async () => {
  const started = startRedisServer({ binary: '/nowhere/redis-server', dir: await newDir() });
  await expect(started).rejects.toThrow('does not start');
});

test('nothing is found on an empty path', async () => {
  expect(await findRedisServer(undefined)).toBeUndefined();
  expect(await findRedisServer(await newDir())).toBeUndefined();
});

test('a Redis left behind on our folder is ended, its data kept', async () => {
  const dir = await newDir();
  const left = await start({ dir });
  await connect(left).set('pear', 'ripe');
  await rememberPort(dir, left.port);
  expect(await stopLeftover(dir)).toBe(true);
  await left.exited;
  expect(await connect(await start({ dir })).get('pear')).toBe('ripe');
});

test('a stranger on the remembered port is left alone', async () => {
  const dir = await newDir();
  const stranger = await start({ dir: await newDir() });
  await rememberPort(dir, stranger.port);
  expect(await stopLeftover(dir)).toBe(false);
  expect(await connect(stranger).ping()).toBe('PONG');
  expect(await readFile(join(dir, 'port'), 'utf8')).toBe(String(stranger.port));
});
