import { type Channel, pauseChannel, resumeChannel } from '@darkroom/shared/channels';
import type { RedisClient } from '@darkroom/shared/redis';
import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { SubmitGate } from './submitGate.ts';

const redisOf = redisOfFile();
const circuit = { threshold: 5, cooldown_ms: 30_000, cooldown_max_ms: 300_000 };
const unaborted = new AbortController().signal;
let channels = 0;

/** A new channel's gate, and how often Redis was asked by it. */
function gateOf(submits_per_minute = 0) {
  const channel = { id: `c${channels++}`, submits_per_minute } as Channel;
  let asked = 0;
  const redis = new Proxy(redisOf.redis, {
    get(target, name) {
      if (name === 'evalsha') asked++;
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  }) as RedisClient;
  const records = { redis, keys: redisOf.keys };
  return { channel, records, gate: new SubmitGate(records, channel, circuit, 65_000), asked: () => asked };
}

test('a thousand submissions that wait cost a few questions, and each gets its turn', async () => {
  const { gate, asked } = gateOf();
  const turns = await Promise.all(Array.from({ length: 1000 }, () => gate.turn(unaborted, 10_000)));
  expect(turns.every((turn) => turn === 'ours')).toBe(true);
  expect(asked()).toBeLessThan(10);
});

test('those that came first leave first, no more than the rate allows, and who waits too long is late', async () => {
  const { gate } = gateOf(6);
  const gone: number[] = [];
  const turns = Array.from({ length: 5 }, async (_, i) => {
    const turn = await gate.turn(unaborted, 300);
    if (turn === 'ours') gone.push(i);
    return turn;
  });
  expect(await Promise.all(turns)).toEqual(['ours', 'ours', 'late', 'late', 'late']);
  expect(gone).toEqual([0, 1]);
});

test('one that is told to stop leaves the line at once, and the others go on', async () => {
  const { gate, channel, records } = gateOf(6);
  await Promise.all([gate.turn(unaborted, 1000), gate.turn(unaborted, 1000)]);
  const stopping = new AbortController();
  const stopped = gate.turn(stopping.signal, 60_000);
  stopping.abort('closing');
  await expect(stopped).rejects.toMatchObject({ reason: 'closing' });
  // Its turn is not taken by nobody: the next one gets it as soon as there is one.
  await redisOf.redis.hset(records.keys.gate(channel.id), 'tat', 0);
  expect(await gate.turn(unaborted, 10_000)).toBe('ours');
});

test('all who wait at a shut door are told so at once', async () => {
  const { gate, channel, records } = gateOf();
  await pauseChannel(records, channel.id);
  const turns = await Promise.all(Array.from({ length: 50 }, () => gate.turn(unaborted, 10_000)));
  expect(turns.every((turn) => turn === 'shut')).toBe(true);
  await resumeChannel(records, channel.id);
  expect(await gate.turn(unaborted, 10_000)).toBe('ours');
});

test('what keeps Redis from being asked is told to each who waits', async () => {
  const { gate, channel, records } = gateOf();
  await redisOf.redis.set(records.keys.gate(channel.id), 'not a gate');
  const turns = Array.from({ length: 3 }, () => gate.turn(unaborted, 10_000));
  for (const turn of await Promise.allSettled(turns)) expect(turn.status).toBe('rejected');
  await redisOf.redis.del(records.keys.gate(channel.id));
  expect(await gate.turn(unaborted, 10_000)).toBe('ours');
});

test('answers that come while one is being noted are noted together, a failure by itself', async () => {
  const { gate, channel, records, asked } = gateOf();
  await Promise.all(Array.from({ length: 100 }, () => gate.note({ outcome: 'answered' })));
  expect(asked()).toBeLessThan(5);
  const before = asked();
  await Promise.all(Array.from({ length: 4 }, () => gate.note({ outcome: 'failed', reason: 'gone' })));
  expect(asked() - before).toBe(4);
  expect(await redisOf.redis.hget(records.keys.gate(channel.id), 'failures')).toBe('4');
  await gate.note({ outcome: 'answered' });
  expect(await redisOf.redis.hget(records.keys.gate(channel.id), 'failures')).toBeNull();
});
