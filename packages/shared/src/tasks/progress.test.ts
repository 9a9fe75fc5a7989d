import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { changePart, type HeldPart } from './changePart.ts';
import { readTask } from './readTask.ts';
import { claimed, created_at_ms, ordered } from './testing/orders.ts';
import type { TransitionName } from './transitions.ts';

const records = redisOfFile();

async function step(held: HeldPart, name: TransitionName, part: { progress?: number } = {}, note = '') {
  const answer = await changePart(records, held, name, { now_ms: created_at_ms, part, note });
  expect(answer.word, name).toBe('changed');
  return (await readTask(records, held.id))!;
}

test('progress is the mean of the parts, below 100 until the task succeeds', async () => {
  const order = await ordered(records, { part_sizes: [1, 1, 1] });
  const parts = [];
  for (const part of [0, 1, 2]) {
    const { held } = await claimed(records, order, part);
    await step(held, 'submit');
    await step(held, 'accept');
    parts.push(held);
  }
  const seen = [];
  for (const held of parts) {
    seen.push((await step(held, 'advance', { progress: 50 })).progress);
    await step(held, 'collect', { progress: 99 });
    seen.push((await step(held, 'succeed', { progress: 100 })).progress);
  }
  expect(seen).toEqual([16, 33, 50, 66, 83, 100]);
});

test('progress never falls, not for a new attempt and not for an upstream that counts backwards', async () => {
  const order = await ordered(records);
  const { held } = await claimed(records, order);
  const seen = [];
  await step(held, 'submit');
  await step(held, 'accept');
  for (const progress of [60, 20, 0]) seen.push((await step(held, 'advance', { progress })).progress);
  seen.push((await step(held, 'retry', { progress: 0 })).progress);
  await step(held, 'submit');
  await step(held, 'accept');
  for (const progress of [30, 70, 100, 5000]) seen.push((await step(held, 'advance', { progress })).progress);
  seen.push((await step(held, 'fail')).progress);
  expect(seen).toEqual([60, 60, 60, 60, 60, 70, 99, 99, 99]);
});

test('a part that is tried for hours keeps its newest history, whole lines of it, within a bound', async () => {
  const order = await ordered(records);
  const { held } = await claimed(records, order);
  let longest = 0;
  for (let i = 0; i < 60; i++) {
    await step(held, 'submit', {}, `worker-1 attempt ${i}`);
    const { history } = await step(held, 'postpone', {}, `worker-1 not accepted: ${'ö'.repeat(i % 40)} ${i}`);
    longest = Math.max(longest, Buffer.byteLength(history));
  }
  const { history } = (await readTask(records, order.id))!;
  expect(longest).toBeLessThanOrEqual(2048);
  const lines = history.split('\n').slice(0, -1);
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines) expect(line).toMatch(/^\d{13} 0 (submitting|queued) worker-1 .* ?\d+$/);
  expect(lines.at(-1)).toContain(' 59');
});

test('a single endless note cannot break the bound', async () => {
  const order = await ordered(records);
  const { held } = await claimed(records, order);
  const { history } = await step(held, 'submit', {}, 'x'.repeat(100_000));
  expect(history.length).toBeLessThanOrEqual(2048);
});
