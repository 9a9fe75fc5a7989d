import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { cancelTask } from './cancelTask.ts';
import { newTaskId } from './ids.ts';
import { readHash, readTask } from './readTask.ts';
import { releasePart } from './releasePart.ts';
import { claimed, created_at_ms, ordered } from './testing/orders.ts';
import { confirmTask, withdrawTask } from './withdrawTask.ts';

const records = redisOfFile();
const now_ms = created_at_ms + 1;

test('a task that nobody has relied on is taken back, and leaves nothing that would be worked on', async () => {
  const { redis, keys } = records;
  const { id } = await ordered(records, { part_sizes: [2, 1] });
  expect(await withdrawTask(records, id)).toBe('withdrawn');
  expect(await readTask(records, id)).toBeUndefined();
  expect(await redis.zscore(keys.open(id), id)).toBeNull();
  expect(await withdrawTask(records, id)).toBe('missing');
});

test('a task that a repeat was answered with, that was claimed once, or that has ended is not taken back', async () => {
  const [repeated, held, ended] = [await ordered(records), await ordered(records), await ordered(records)];
  expect(await confirmTask(records, repeated.id, now_ms)).toBe('confirmed');
  const { held: part } = await claimed(records, held);
  await releasePart(records, part);
  await cancelTask(records, ended.id, ended.key_id, now_ms);
  for (const { id } of [repeated, held, ended]) {
    const before = await readHash(records, id);
    expect(await withdrawTask(records, id)).toBe('taken');
    expect(await readHash(records, id)).toEqual(before);
  }
});

test('a task that was taken back is not confirmed, and does not come back by it', async () => {
  const id = newTaskId();
  expect(await confirmTask(records, id, now_ms)).toBe('missing');
  expect(await readHash(records, id)).toEqual({});
});
