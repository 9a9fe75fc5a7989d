import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { changePart } from './changePart.ts';
import { type Duplicate, duplicateOf, forgetDuplicates, readDuplicates } from './duplicates.ts';
import type { Records } from './records.ts';
import { claimed, created_at_ms, ordered } from './testing/orders.ts';

const records = redisOfFile();
const marked_at_ms = created_at_ms + 5000;

/** Claims a task of three pictures and posts its first attempt. */
async function posted() {
  const order = await ordered(records, { part_sizes: [3] });
  const { held, task } = await claimed(records, order);
  expect((await changePart(records, held, 'submit', { now_ms: created_at_ms })).word).toBe('changed');
  return { held, duplicate: duplicateOf({ task, index: 0, part: task.parts[0]! }, again) };
}

const again = { attempt: 1, submission: 2, reason: 'outcome_unknown' } as const;

const mark = (held: Parameters<typeof changePart>[1], duplicate: Duplicate, now_ms = marked_at_ms) =>
  changePart(records, held, 'resubmit', { now_ms, task: { possibly_duplicated: true }, duplicate });

const listedOf = async (id: string, from: Records = records) =>
  (await readDuplicates(from)).filter(({ task_id }) => task_id === id);

test('what may be paid for twice is listed with the mark, once, with what it costs', async () => {
  const { held, duplicate } = await posted();
  for (const _ of ['sent', 'sent again, as its answer was lost']) await mark(held, duplicate);
  expect(await listedOf(held.id)).toEqual([
    {
      task_id: held.id,
      channel: 'default',
      part: 0,
      ...again,
      cost: '0.1170',
      currency: 'USD',
      listed_at: new Date(marked_at_ms).toISOString(),
    },
  ]);
});

test('a change that is refused lists nothing', async () => {
  const { held, duplicate } = await posted();
  await claimed(records, { id: held.id });
  expect((await mark(held, duplicate)).word).toBe('stale_fence');
  expect(await listedOf(held.id)).toEqual([]);
});

test('a shard lists a hundred, the newest of them', async () => {
  const { held, duplicate } = await posted();
  await forgetDuplicates(records, Number.POSITIVE_INFINITY);
  for (let i = 0; i < 103; i++) await mark(held, { ...duplicate, submission: i }, marked_at_ms + i);
  const listed = await listedOf(held.id);
  expect(listed.map(({ submission }) => submission)).toEqual(Array.from({ length: 100 }, (_, i) => 102 - i));
});

test('what was listed before a time is forgotten, and nothing else', async () => {
  await forgetDuplicates(records, Number.POSITIVE_INFINITY);
  const [old, young] = [await posted(), await posted()];
  await mark(old.held, old.duplicate, marked_at_ms - 1);
  await mark(young.held, young.duplicate);
  expect(await forgetDuplicates(records, marked_at_ms)).toBe(1);
  expect(await forgetDuplicates(records, marked_at_ms)).toBe(0);
  expect((await readDuplicates(records)).map(({ task_id }) => task_id)).toEqual([young.held.id]);
});
