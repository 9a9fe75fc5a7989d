import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { RedisClient } from './connect.ts';
import { keptInMemory, keptOnDisk, NotOnDisk } from './keptOnDisk.ts';
import { isRedisUnavailable } from './unavailable.ts';

/** A connection that notes its commands and answers WAITAOF as told. The real command needs Redis 7.2. */
function connection(waitaof: () => unknown) {
  const sent: unknown[][] = [];
  const redis = Object.assign(new EventEmitter(), {
    call: async (...command: unknown[]) => {
      sent.push(command);
      return waitaof();
    },
    set: async (...args: unknown[]) => void sent.push(['SET', ...args]),
  });
  return { sent, redis: redis as unknown as RedisClient, reconnect: () => void redis.emit('ready') };
}

const write = async (redis: RedisClient) => {
  await redis.set('a', 'b');
  return 'written';
};

test('a write is kept once the same connection has waited for the disk', async () => {
  const { redis, sent } = connection(() => [1, 0]);
  expect(await keptOnDisk(redis)(write)).toBe('written');
  expect(sent).toEqual([
    ['SET', 'a', 'b'],
    ['WAITAOF', 1, 0, 3000],
  ]);
});

test('a write that is not on disk in time is no success, and passes as an outage', async () => {
  const { redis } = connection(() => [0, 0]);
  const error = await keptOnDisk(redis)(write).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(NotOnDisk);
  expect(isRedisUnavailable(error)).toBe(true);
});

test('another connection’s yes counts for nothing', async () => {
  const { redis, reconnect } = connection(() => {
    reconnect();
    return [1, 0];
  });
  await expect(keptOnDisk(redis)(write)).rejects.toThrow('the connection was lost');
});

test('a write that Redis does not answer in time is not waited for, and its late failure is nobody’s', async () => {
  const { redis, sent } = connection(() => [1, 0]);
  const { promise, reject } = Promise.withResolvers<never>();
  await expect(keptOnDisk(redis, 5)(() => promise)).rejects.toThrow('did not take the write within 5 ms');
  reject(new Error('Command timed out'));
  expect(sent).toEqual([]);
});

test('kept in memory: the write alone', async () => {
  const { redis, sent } = connection(() => [1, 0]);
  expect(await keptInMemory(redis)(write)).toBe('written');
  expect(sent).toEqual([['SET', 'a', 'b']]);
});
