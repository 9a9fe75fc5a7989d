import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { changePart } from './changePart.ts';
import { claimPart } from './claimPart.ts';
import { newTaskId } from './ids.ts';
import { readFence, readHash, readTask } from './readTask.ts';
import { releasePart } from './releasePart.ts';
import { claimed, created_at_ms, ordered } from './testing/orders.ts';

const records = redisOfFile();
const now_ms = created_at_ms + 1;

test('every claim raises the fence and counts as a start', async () => {
  const order = await ordered(records);
  for (const n of [1, 2, 3]) {
    const { task } = await claimed(records, order);
    expect(task.parts[0]).toMatchObject({ state: 'queued', fence: n, starts: n });
    expect(await readFence(records, order.id, 0)).toBe(n);
  }
});

test('a claim returns the record as a reader sees it', async () => {
  const order = await ordered(records, { part_sizes: [1, 2], labels: { a: 'b' } });
  const { task } = await claimed(records, order, 1);
  expect(task).toEqual(await readTask(records, order.id));
});

test('the parts of a task are claimed apart', async () => {
  const order = await ordered(records, { part_sizes: [1, 1] });
  await claimed(records, order, 1);
  expect((await readTask(records, order.id))?.parts.map(({ fence }) => fence)).toEqual([0, 1]);
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
  expect((await readTask(records, order.id))?.parts[0]).toMatchObject({ starts: 0, fence: 2 });
  expect(await releasePart(records, { ...held, id: newTaskId() })).toBe('missing');
});

test('of many claims at once only the highest fence can write', async () => {
  const order = await ordered(records);
  const claims = await Promise.all(Array.from({ length: 20 }, () => claimed(records, order)));
  expect(new Set(claims.map(({ held }) => held.fence)).size).toBe(20);
  const words = await Promise.all(
    claims.map(async ({ held }) => ({ ...held, ...(await changePart(records, held, 'submit', { now_ms })) })),
  );
  expect(words.filter(({ word }) => word === 'changed').map(({ fence }) => fence)).toEqual([20]);
  expect(new Set(words.filter(({ fence }) => fence < 20).map(({ word }) => word))).toEqual(new Set(['stale_fence']));
});
