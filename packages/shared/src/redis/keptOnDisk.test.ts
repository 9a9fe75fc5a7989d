import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { RedisClient } from './connect.ts';
import { keptInMemory, keptOnDisk, NotOnDisk } from './keptOnDisk.ts';
import { isRedisUnavailable } from './unavailable.ts';

/** Two connections to a Redis that notes what it gets, and answers WAITAOF as told. The real command needs Redis 7.2. */
function connections(waitaof: () => unknown = () => [1, 0]) {
  const got: string[] = [];
  const redis = { set: async (key: string) => void got.push(`SET ${key}`) };
  const syncing = Object.assign(new EventEmitter(), {
    evalsha: async () => got.push('mark') && 'marked',
    call: async (...command: unknown[]) => {
      got.push(command.join(' '));
      return waitaof();
    },
  });
  const keep = keptOnDisk(redis as unknown as RedisClient, syncing as unknown as RedisClient, 'mark');
  return { got, keep, reconnect: () => void syncing.emit('ready') };
}

const write = (key: string) => async (redis: RedisClient) => {
  await redis.set(key, 'b');
  return `${key} is written`;
};

test('a write is kept once what was written after it is on the disk', async () => {
  const { got, keep } = connections();
  expect(await keep(write('a'))).toBe('a is written');
  expect(got).toEqual(['SET a', 'mark', 'WAITAOF 1 0 3000']);
});

test('a write waits for a sync that begins after it; those that wait at the same time share one', async () => {
  const { promise, resolve } = Promise.withResolvers<[number, number]>();
  let syncs = 0;
  const { got, keep } = connections(() => (syncs++ === 0 ? promise : [1, 0]));
  const first = keep(write('a'));
  await expect.poll(() => got.length).toBe(3);
  const others = [keep(write('b')), keep(write('c'))];
  await expect.poll(() => got.length).toBe(5);
  resolve([1, 0]);
  expect(await Promise.all([first, ...others])).toHaveLength(3);
  expect(got).toEqual(['SET a', 'mark', 'WAITAOF 1 0 3000', 'SET b', 'SET c', 'mark', 'WAITAOF 1 0 3000']);
});

test('a write that is not on disk in time is no success, and passes as an outage', async () => {
  const { keep } = connections(() => [0, 0]);
  const error = await keep(write('a')).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(NotOnDisk);
  expect(isRedisUnavailable(error)).toBe(true);
});

test('a sync that fails fails the writes that waited for it, and none after', async () => {
  let fails = true;
  const { keep } = connections(() => (fails ? Promise.reject(new Error('Command timed out')) : [1, 0]));
  await expect(keep(write('a'))).rejects.toThrow('Command timed out');
  fails = false;
  expect(await keep(write('b'))).toBe('b is written');
});

test('another connection’s yes counts for nothing', async () => {
  const { keep, reconnect } = connections(() => {
    reconnect();
    return [1, 0];
  });
  await expect(keep(write('a'))).rejects.toThrow('the connection was lost');
});

test('kept in memory: the write alone', async () => {
  const redis = { set: async () => undefined } as unknown as RedisClient;
  expect(await keptInMemory(redis)(write('a'))).toBe('a is written');
});
