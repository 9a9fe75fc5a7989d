import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { taskError } from '../errors/index.ts';
import { changePart, type HeldPart, type PartChange } from './changePart.ts';
import { newTaskId } from './ids.ts';
import { readHash, readTask } from './readTask.ts';
import { claimed, created_at_ms, ordered } from './testing/orders.ts';
import { type TransitionName, transitions } from './transitions.ts';

const records = redisOfFile();
const now_ms = created_at_ms + 1;

/** Takes a part through changes that must all be allowed; answers with the task's status after the last. */
async function walk(held: HeldPart, names: TransitionName[], change: Partial<PartChange> = {}) {
  let status: string | undefined;
  for (const name of names) {
    const answer = await changePart(records, held, name, { now_ms, ...change });
    expect(answer.word, name).toBe('changed');
    status = answer.status;
  }
  return status;
}

test('a stale holder is refused, whatever it wants, and writes nothing', async () => {
  const order = await ordered(records);
  const { held: stale } = await claimed(records, order);
  await claimed(records, order);
  const before = await readHash(records, order.id);
  for (const name of Object.keys(transitions) as TransitionName[]) {
    const change = { now_ms, part: { upstream_task_id: 'u1' }, task: { submitted_at_ms: 1 }, note: 'w1' };
    expect(await changePart(records, stale, name, change)).toEqual({ word: 'stale_fence' });
  }
  expect(await readHash(records, order.id)).toEqual(before);
});

test('a fence from the future is refused too', async () => {
  const { held } = await claimed(records, await ordered(records));
  const ahead = { ...held, fence: held.fence + 1 };
  expect(await changePart(records, ahead, 'submit', { now_ms })).toEqual({ word: 'stale_fence' });
});

test('what is not in the table is not allowed, and writes nothing', async () => {
  const order = await ordered(records);
  const { held } = await claimed(records, order);
  const before = await readHash(records, order.id);
  for (const name of ['resubmit', 'accept', 'postpone', 'advance', 'retry', 'collect', 'succeed'] as const) {
    const answer = await changePart(records, held, name, { now_ms, part: { progress: 50 }, note: 'w1' });
    expect(answer, name).toEqual({ word: 'not_allowed' });
  }
  expect(await readHash(records, order.id)).toEqual(before);
});

test('a change can be narrowed to some of the states it may leave', async () => {
  const { held } = await claimed(records, await ordered(records));
  expect(await changePart(records, held, 'fail', { now_ms, only: ['storing'] })).toEqual({ word: 'not_allowed' });
  expect(await changePart(records, held, 'fail', { now_ms, only: [] })).toEqual({ word: 'not_allowed' });
  expect((await changePart(records, held, 'fail', { now_ms, only: ['queued'] })).word).toBe('changed');
});

test('a task past retention is missing, and is not brought back by a write', async () => {
  const id = newTaskId();
  expect(await changePart(records, { id, part: 0, fence: 0 }, 'submit', { now_ms })).toEqual({ word: 'missing' });
  expect(await readTask(records, id)).toBeUndefined();
});

test('fields of part and task are written with the change', async () => {
  const order = await ordered(records, { part_sizes: [1, 1] });
  const { held } = await claimed(records, order, 1);
  await walk(held, ['submit'], { part: { attempt: 1 } });
  const error = taskError('upstream_failed', 'a "quoted" reason\nof two lines');
  await walk(held, ['accept'], {
    part: { upstream_task_id: 'u-1', submitted_at_ms: now_ms, error },
    task: { submitted_at_ms: now_ms, possibly_duplicated: true },
  });
  const task = await readTask(records, order.id);
  expect(task).toMatchObject({ submitted_at_ms: now_ms, possibly_duplicated: true });
  expect(task?.parts[0]?.upstream_task_id).toBeUndefined();
  expect(task?.parts[1]).toMatchObject({ state: 'running', attempt: 1, upstream_task_id: 'u-1', error });
});

test.for<[TransitionName[], string]>([
  [['submit'], 'queued'],
  [['submit', 'postpone'], 'queued'],
  [['submit', 'resubmit'], 'queued'],
  [['submit', 'accept'], 'in_progress'],
  [['submit', 'accept', 'retry'], 'in_progress'],
  [['submit', 'accept', 'retry', 'submit'], 'in_progress'],
  [['submit', 'accept', 'collect'], 'in_progress'],
  [['submit', 'accept', 'collect', 'retry'], 'in_progress'],
  [['submit', 'accept', 'collect', 'succeed'], 'succeeded'],
  [['fail'], 'failed'],
  [['submit', 'accept', 'fail'], 'failed'],
  [['expire'], 'failed'],
  [['submit', 'cancel'], 'canceled'],
])('after %j a task of one part is %s', async ([names, status]) => {
  const order = await ordered(records);
  const { held } = await claimed(records, order);
  expect(await walk(held, names)).toBe(status);
  expect((await readTask(records, order.id))?.status).toBe(status);
});

test.for<[ends: TransitionName[], status: string]>([
  [['succeed', 'succeed'], 'succeeded'],
  [['succeed', 'fail'], 'succeeded'],
  [['expire', 'succeed'], 'succeeded'],
  [['fail', 'expire'], 'failed'],
  [['fail', 'fail'], 'failed'],
  [['succeed', 'cancel'], 'canceled'],
  [['cancel', 'fail'], 'canceled'],
])('parts that end %j make a task %s, and only the last one ends it', async ([ends, status]) => {
  const order = await ordered(records, { part_sizes: [1, 1] });
  for (const [part, end] of ends.entries()) {
    const { held } = await claimed(records, order, part);
    const before = await walk(held, ['submit', 'accept', 'collect']);
    expect(before).toBe('in_progress');
    expect(await walk(held, [end])).toBe(part === 1 ? status : 'in_progress');
  }
});

test('a failed task bears the error of its first failed part, a succeeded one bears none', async () => {
  const errors = [taskError('content_policy', 'no'), taskError('upstream_failed', 'broken')];
  const failing = await ordered(records, { part_sizes: [1, 1] });
  const mixed = await ordered(records, { part_sizes: [1, 1] });
  for (const part of [1, 0]) {
    await walk((await claimed(records, failing, part)).held, ['fail'], { part: { error: errors[part] } });
  }
  await walk((await claimed(records, mixed, 0)).held, ['fail'], { part: { error: errors[0] } });
  await walk((await claimed(records, mixed, 1)).held, ['submit', 'accept', 'collect', 'succeed']);
  expect((await readTask(records, failing.id))?.error).toEqual(errors[0]);
  expect(await readTask(records, mixed.id)).toMatchObject({ status: 'succeeded', progress: 100 });
  expect((await readTask(records, mixed.id))?.error).toBeUndefined();
});
