import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunToEnd } from '../processes/runToEnd.ts';
import { dockerRedisCommand } from './dockerRedis.ts';
import { ensureRedisServer } from './ensureRedisServer.ts';

const says =
  (line: string): RunToEnd =>
  async (_command, _args, options) => {
    options?.onLine?.(line);
    return 0;
  };

async function folderWith(program: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'darkroom-path-'));
  await writeFile(join(dir, program), '#!/bin/sh\n');
  await chmod(join(dir, program), 0o755);
  return dir;
}

test('a Valkey is as good as a Redis', async () => {
  const PATH = await folderWith('valkey-server');
  const run = says('Valkey server v=8.1.1 sha=0:0 malloc=jemalloc-5.3.0 bits=64');
  expect(await ensureRedisServer({ env: { PATH }, say: () => {}, run })).toBe(join(PATH, 'valkey-server'));
});

test('a Redis that is too old is refused with its version', async () => {
  const PATH = await folderWith('redis-server');
  const run = says('Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64');
  await expect(ensureRedisServer({ env: { PATH }, say: () => {}, run })).rejects.toThrow(
    'is version 6.0.16, and Darkroom needs Redis 7 or newer',
  );
});

test('without a Redis and without root, a sentence says what to do', async () => {
  const asked = ensureRedisServer({ env: { PATH: '' }, say: () => {}, isRoot: false });
  await expect(asked).rejects.toThrow(
    'There is no Redis: no redis-server or valkey-server is on PATH. ' +
      'Install Redis 7 or newer (Debian: apt install redis-server).',
  );
});

test('a Redis in Docker is reachable on loopback only and keeps its file in our folder', () => {
  const { args, container } = dockerRedisCommand({ port: 7001, dir: '/data of ours', user: '1000:1000' });
  expect(args.slice(0, 10)).toEqual([
    'run',
    '--rm',
    '--name',
    container,
    '-p',
    '127.0.0.1:7001:6379',
    '-v',
    '/data of ours:/data',
    '--user',
    '1000:1000',
  ]);
  expect(args.join(' ')).toContain('--appendonly yes --appendfsync everysec --maxmemory-policy noeviction');
});
