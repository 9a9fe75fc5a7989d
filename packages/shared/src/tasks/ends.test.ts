import { once } from 'node:events';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { cancelTask } from './cancelTask.ts';
import { changePart } from './changePart.ts';
import { newTaskId, type TaskId } from './ids.ts';
import { claimed, created_at_ms, ordered } from './testing/orders.ts';

const records = redisOfFile();
const now_ms = created_at_ms + 7000;

/** Hears what is published about a task's shard; `heard` waits for all that was published before it was called. */
async function listenFor(id: TaskId) {
  const subscriber = new Redis(records.server.url);
  onTestFinished(() => subscriber.disconnect());
  const channel = records.keys.ends(id);
  const messages: string[] = [];
  subscriber.on('smessage', (_channel, message) => messages.push(message));
  await subscriber.ssubscribe(channel);
  return async () => {
    const mark = `mark ${newTaskId()}`;
    await records.redis.spublish(channel, mark);
    while (messages.at(-1) !== mark) await once(subscriber, 'smessage');
    return messages.filter((message) => !message.startsWith('mark'));
  };
}

/** Where a task stands: its place among the open and the done ones of its shard. */
async function places(id: TaskId) {
  const { redis, keys } = records;
  const at = async (key: string) =>
    (await redis.zscore(key, id)) === null ? null : Number(await redis.zscore(key, id));
  return { open: await at(keys.open(id)), done: await at(keys.done(id)) };
}

test('an end is published once, when the last part ends, and not before', async () => {
  const order = await ordered(records, { part_sizes: [1, 1] });
  const heard = await listenFor(order.id);
  const first = await claimed(records, order, 0);
  const second = await claimed(records, order, 1);
  for (const name of ['submit', 'accept', 'collect', 'succeed'] as const) {
    await changePart(records, first.held, name, { now_ms });
  }
  expect(await heard()).toEqual([]);
  await changePart(records, second.held, 'fail', { now_ms });
  await changePart(records, second.held, 'fail', { now_ms });
  await cancelTask(records, order.id, order.key_id, now_ms);
  expect(await heard()).toEqual([`${order.id} succeeded`]);
});

test('a cancel is published once, and nothing that comes after it is', async () => {
  const order = await ordered(records);
  const heard = await listenFor(order.id);
  const { held } = await claimed(records, order);
  await cancelTask(records, order.id, order.key_id, now_ms);
  await cancelTask(records, order.id, order.key_id, now_ms);
  await changePart(records, held, 'fail', { now_ms });
  expect(await heard()).toEqual([`${order.id} canceled`]);
});

test('a task moves from the open ones to the done ones at its end, at the time of it', async () => {
  const order = await ordered(records);
  expect(await places(order.id)).toEqual({ open: created_at_ms, done: null });
  const { held } = await claimed(records, order);
  await changePart(records, held, 'submit', { now_ms });
  expect(await places(order.id)).toEqual({ open: now_ms, done: null });
  await changePart(records, held, 'expire', { now_ms: now_ms + 1 });
  expect(await places(order.id)).toEqual({ open: null, done: now_ms + 1 });
});

test('a refused change moves nothing', async () => {
  const order = await ordered(records);
  const { held } = await claimed(records, order);
  await changePart(records, { ...held, fence: 99 }, 'fail', { now_ms });
  await changePart(records, held, 'succeed', { now_ms });
  expect(await places(order.id)).toEqual({ open: created_at_ms, done: null });
});

test('a canceled task is done too', async () => {
  const order = await ordered(records);
  await cancelTask(records, order.id, order.key_id, now_ms);
  expect(await places(order.id)).toEqual({ open: null, done: now_ms });
});
