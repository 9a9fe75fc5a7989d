import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { connectRedis } from './connect.ts';
import { isRedisUnavailable } from './unavailable.ts';

const redisOf = redisOfFile();

const errorOf = (call: Promise<unknown>) =>
  call.then(
    () => expect.unreachable('it did not fail'),
    (error: unknown) => error,
  );

describe('a real error of', () => {
  test('a Redis that does not answer says that it is away', { timeout: 20_000 }, async () => {
    const redis = await connectRedis({ url: redisOf.server.url, cluster: false }, 'answer_now', () => undefined);
    onTestFinished(() => redis.disconnect());
    await redisOf.server.pause();
    try {
      expect(isRedisUnavailable(await errorOf(redis.get('a')))).toBe(true);
    } finally {
      await redisOf.server.resume();
    }
  });

  test('a connection that was closed says so', async () => {
    const redis = await connectRedis({ url: redisOf.server.url, cluster: false }, 'answer_now', () => undefined);
    redis.disconnect();
    expect(isRedisUnavailable(await errorOf(redis.get('a')))).toBe(true);
  });

  test('a port where nobody listens says so', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const redis = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => null });
    redis.on('error', () => undefined);
    expect(isRedisUnavailable(await errorOf(redis.connect()))).toBe(true);
  });

  test('a Redis that is full says so', async () => {
    await redisOf.redis.config('SET', 'maxmemory', '1');
    try {
      expect(isRedisUnavailable(await errorOf(redisOf.redis.set('a', 'b')))).toBe(true);
    } finally {
      await redisOf.redis.config('SET', 'maxmemory', '0');
    }
  });

  test('a command or a script that is wrong is a defect', async () => {
    await redisOf.redis.set('text', 'x');
    expect(isRedisUnavailable(await errorOf(redisOf.redis.zscore('text', 'a')))).toBe(false);
    expect(isRedisUnavailable(await errorOf(redisOf.redis.call('NONSENSE')))).toBe(false);
    expect(isRedisUnavailable(await errorOf(redisOf.redis.eval('return nosuchthing()', 0)))).toBe(false);
  });

  test('the disk is no error of Redis', async () => {
    expect(isRedisUnavailable(await errorOf(readFile('/nowhere')))).toBe(false);
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
    });
    expect(isRedisUnavailable(full)).toBe(false);
  });
});

test.each([
  "OOM command not allowed when used memory > 'maxmemory'.",
  "READONLY You can't write against a read only replica.",
  'LOADING Redis is loading the dataset in memory',
  'MISCONF Redis is configured to save RDB snapshots, but it is currently not able to persist on disk.',
  'CLUSTERDOWN The cluster is down',
  'NOREPLICAS Not enough good replicas to write.',
  'connect ECONNREFUSED 127.0.0.1:6379',
  'read ECONNRESET',
  'write EPIPE',
  'getaddrinfo ENOTFOUND redis',
  'Command timed out',
  "Stream isn't writeable and enableOfflineQueue options is false",
])('%s is passing', (message) => expect(isRedisUnavailable(new Error(message))).toBe(true));

test.each([
  new TypeError('x is not a function'),
  new Error('WRONGTYPE Operation against a key holding the wrong kind of value'),
  new Error('the reply mentions OOM later'),
  'Connection is closed.',
  undefined,
  null,
])('%s is a defect', (error) => expect(isRedisUnavailable(error)).toBe(false));
