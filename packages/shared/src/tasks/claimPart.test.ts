import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { cancelTask } from './cancelTask.ts';
import { changePart } from './changePart.ts';
import { claimPart } from './claimPart.ts';
import type { NewTask } from './createTask.ts';
import { newTaskId } from './ids.ts';
import { readFence, readHash, readTask } from './readTask.ts';
import { releasePart } from './releasePart.ts';
import { claimed, created_at_ms, ordered } from './testing/orders.ts';

const records = redisOfFile();
const now_ms = created_at_ms + 1;

/** Notes how a task's record stands. @returns what brings it back to that, as a Redis does that has lost what came since */
async function goingBack({ id }: Pick<NewTask, 'id'>): Promise<() => Promise<unknown>> {
  const { redis, keys } = records;
  const record = (await redis.dumpBuffer(keys.task(id)))!;
  return () => redis.restore(keys.task(id), 0, record, 'REPLACE');
}

test('every claim raises the fence and counts as a start', async () => {
  const order = await ordered(records);
  let before = 0;
  for (const n of [1, 2, 3]) {
    const { held, task } = await claimed(records, order);
    expect(task.parts[0]).toMatchObject({ state: 'queued', starts: n });
    expect(held.fence).toBeGreaterThan(before);
    before = held.fence;
    expect(await readFence(records, order.id, 0)).toBe(before);
  }
});

test('a claim made after Redis has forgotten one does not get its fence: the forgotten holder writes nothing', async () => {
  const order = await ordered(records);
  await claimed(records, order);
  const back = await goingBack(order);
  const { held: forgotten } = await claimed(records, order);
  await back();
  // Nobody has claimed it since, and what Redis shows is no claim of this holder.
  expect(await changePart(records, forgotten, 'submit', { now_ms })).toEqual({ word: 'stale_fence' });
  const { held } = await claimed(records, order);
  for (const name of ['submit', 'fail'] as const) {
    expect(await changePart(records, forgotten, name, { now_ms })).toEqual({ word: 'stale_fence' });
  }
  expect(await releasePart(records, forgotten)).toBe('stale_fence');
  expect((await changePart(records, held, 'submit', { now_ms })).word).toBe('changed');
});

test('nor does the claim of a task that Redis had forgotten, and that was made again under its id', async () => {
  const order = await ordered(records);
  const { held: forgotten } = await claimed(records, order);
  await records.redis.del(records.keys.task(order.id));
  await ordered(records, order);
  await claimed(records, order);
  expect(await changePart(records, forgotten, 'submit', { now_ms })).toEqual({ word: 'stale_fence' });
});

test('nor does a cancel that Redis has forgotten hand its fence on', async () => {
  const order = await ordered(records);
  const { held } = await claimed(records, order);
  const back = await goingBack(order);
  await cancelTask(records, order.id, order.key_id, now_ms);
  const canceled = await readFence(records, order.id, 0);
  expect(canceled).toBeGreaterThan(held.fence);
  await back();
  const { held: next } = await claimed(records, order);
  expect(next.fence).toBeGreaterThan(canceled!);
});

test('where the clock of Redis was put back, or an older release counted, the fence still rises', async () => {
  const far_us = Date.UTC(2200, 0, 1) * 1000;
  const orders = await Promise.all([ordered(records), ordered(records), ordered(records)]);
  const [ahead, canceled, counted] = orders.map(({ id }) => records.keys.task(id));
  for (const key of [ahead!, canceled!]) await records.redis.hset(key, 'p0.fence', far_us);
  await records.redis.hset(counted!, 'p0.fence', 3, 'p0.starts', 1);
  expect((await claimed(records, orders[0]!)).held.fence).toBe(far_us + 1);
  expect((await claimed(records, orders[0]!)).held.fence).toBe(far_us + 2);
  await cancelTask(records, orders[1]!.id, orders[1]!.key_id, now_ms);
  expect(await readFence(records, orders[1]!.id, 0)).toBe(far_us + 1);
  const { task } = await claimed(records, orders[2]!);
  expect(task.parts[0]).toMatchObject({ starts: 2 });
  expect(task.parts[0]!.fence).toBeGreaterThan(Date.UTC(2026, 0, 1) * 1000);
});

test('a claim returns the record as a reader sees it', async () => {
  const order = await ordered(records, { part_sizes: [1, 2], labels: { a: 'b' } });
  const { task } = await claimed(records, order, 1);
  expect(task).toEqual(await readTask(records, order.id));
});

test('the parts of a task are claimed apart', async () => {
  const order = await ordered(records, { part_sizes: [1, 1] });
  const { held } = await claimed(records, order, 1);
  expect((await readTask(records, order.id))?.parts.map(({ fence }) => fence)).toEqual([0, held.fence]);
});

test('a part that has ended is not claimed, and nothing is written', async () => {
  const order = await ordered(records);
  const { held } = await claimed(records, order);
  await changePart(records, held, 'fail', { now_ms });
  const before = await readHash(records, order.id);
  expect(await claimPart(records, order.id, 0)).toMatchObject({ word: 'final', task: { status: 'failed' } });
  expect(await readHash(records, order.id)).toEqual(before);
});

test('what is not there is missing: a task past retention, a part too many', async () => {
  expect(await claimPart(records, newTaskId(), 0)).toEqual({ word: 'missing' });
  const { id } = await ordered(records);
  expect(await claimPart(records, id, 1)).toEqual({ word: 'missing' });
  expect(await readFence(records, newTaskId(), 0)).toBeUndefined();
});

test('a part handed back by a living worker counts no starts; a stale holder cannot say so', async () => {
  const order = await ordered(records);
  const { held: stale } = await claimed(records, order);
  const { held } = await claimed(records, order);
  expect(await releasePart(records, stale)).toBe('stale_fence');
  expect((await readTask(records, order.id))?.parts[0]?.starts).toBe(2);
  expect(await releasePart(records, held)).toBe('released');
  expect((await readTask(records, order.id))?.parts[0]).toMatchObject({ starts: 0, fence: held.fence });
  expect(await releasePart(records, { ...held, id: newTaskId() })).toBe('missing');
});

test('of many claims at once only the highest fence can write', async () => {
  const order = await ordered(records);
  const claims = await Promise.all(Array.from({ length: 20 }, () => claimed(records, order)));
  const fences = claims.map(({ held }) => held.fence).sort((a, b) => b - a);
  expect(new Set(fences).size).toBe(20);
  const words = await Promise.all(
    claims.map(async ({ held }) => ({ ...held, ...(await changePart(records, held, 'submit', { now_ms })) })),
  );
  expect(words.filter(({ word }) => word === 'changed').map(({ fence }) => fence)).toEqual([fences[0]]);
  expect(new Set(words.filter(({ fence }) => fence < fences[0]!).map(({ word }) => word))).toEqual(
    new Set(['stale_fence']),
  );
});
