import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { taskError } from '../errors/index.ts';
import { cancelTask } from './cancelTask.ts';
import { changePart } from './changePart.ts';
import { claimPart } from './claimPart.ts';
import type { NewTask } from './createTask.ts';
import { newTaskId } from './ids.ts';
import { readHash, readTask } from './readTask.ts';
import { claimed, created_at_ms, ordered } from './testing/orders.ts';
import type { TransitionName } from './transitions.ts';

const records = redisOfFile();
const now_ms = created_at_ms + 5000;

const cancel = ({ id, key_id }: NewTask) => cancelTask(records, id, key_id, now_ms);

/** Takes a part of a task so far, as a worker does. */
async function worked(order: NewTask, part: number, names: TransitionName[]) {
  const { held } = await claimed(records, order, part);
  for (const name of names) {
    const error = name === 'fail' ? taskError('upstream_failed', 'broken') : undefined;
    const answer = await changePart(records, held, name, { now_ms, part: { attempt: 1, error } });
    expect(answer.word, name).toBe('changed');
  }
  return held;
}

test.for<[string, TransitionName[]]>([
  ['queued', []],
  ['submitting', ['submit']],
  ['running', ['submit', 'accept']],
  ['storing', ['submit', 'accept', 'collect']],
  ['queued again', ['submit', 'accept', 'retry']],
])('a task that is %s is canceled at once, and its worker can write no more', async ([, names]) => {
  const order = await ordered(records);
  const held = await worked(order, 0, names);
  expect(await cancel(order)).toBe('canceled');
  const task = await readTask(records, order.id);
  expect(task).toMatchObject({ status: 'canceled', finished_at_ms: now_ms, error: { code: 'canceled' } });
  expect(task?.history).toContain('canceled by the client');
  expect(await changePart(records, held, 'succeed', { now_ms })).toEqual({ word: 'stale_fence' });
  expect((await claimPart(records, order.id, 0)).word).toBe('final');
});

test('a second cancel finds it finished, and changes nothing', async () => {
  const order = await ordered(records);
  await cancel(order);
  const before = await readHash(records, order.id);
  expect(await cancel(order)).toBe('finished');
  expect(await readHash(records, order.id)).toEqual(before);
});

test.for<[string, TransitionName[]]>([
  ['succeeded', ['submit', 'accept', 'collect', 'succeed']],
  ['failed', ['fail']],
  ['failed', ['expire']],
])('a task that has %s is finished, and stays so', async ([status, names]) => {
  const order = await ordered(records);
  await worked(order, 0, names);
  expect(await cancel(order)).toBe('finished');
  expect((await readTask(records, order.id))?.status).toBe(status);
});

test('another key’s task is as missing as one that never was', async () => {
  const order = await ordered(records);
  const before = await readHash(records, order.id);
  expect(await cancelTask(records, order.id, 'k_ffffffffffffffff', now_ms)).toBe('missing');
  expect(await cancelTask(records, newTaskId(), order.key_id, now_ms)).toBe('missing');
  expect(await readHash(records, order.id)).toEqual(before);
});

test('parts that had ended keep their end', async () => {
  const order = await ordered(records, { part_sizes: [1, 1, 1] });
  await worked(order, 0, ['submit', 'accept', 'collect', 'succeed']);
  await worked(order, 1, ['fail']);
  expect(await cancel(order)).toBe('canceled');
  const task = await readTask(records, order.id);
  expect(task?.status).toBe('canceled');
  expect(task?.parts.map(({ state }) => state)).toEqual(['succeeded', 'failed', 'canceled']);
});

test('a task canceled before anything was submitted says that nothing was charged', async () => {
  const order = await ordered(records, { part_sizes: [1, 1] });
  await claimed(records, order, 1);
  await cancel(order);
  expect((await readTask(records, order.id))?.error?.message).toMatch(/nothing was charged/);
});

test.for<[string, number, TransitionName[]]>([
  ['its second part is in flight', 1, ['submit', 'accept']],
  ['its first part is in flight', 0, ['submit']],
  ['a part waits for a new attempt', 1, ['submit', 'accept', 'retry']],
  ['a part has succeeded', 1, ['submit', 'accept', 'collect', 'succeed']],
])('when %s, a canceled task never says that nothing was charged', async ([, part, names]) => {
  const order = await ordered(records, { part_sizes: [1, 1] });
  await worked(order, part, names);
  await cancel(order);
  expect((await readTask(records, order.id))?.error?.message).toMatch(/may still charge/);
});

test('the error of a canceled task is its cancel, even when a part had failed before', async () => {
  const order = await ordered(records, { part_sizes: [1, 1] });
  await worked(order, 0, ['submit', 'accept', 'fail']);
  await cancel(order);
  expect((await readTask(records, order.id))?.error?.code).toBe('canceled');
});
