import { noMetrics } from '@darkroom/shared/telemetry';
import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { Waiters } from './waiters.ts';

const file = redisOfFile();
const never = new AbortController().signal;
const id = 'task_00000000000000000000000001';

/** Waiters of tasks of which some have ended; they ask as they would ask the record. */
async function waitersOf(ended: Set<string>) {
  const asked: string[] = [];
  const waiters = new Waiters(async (taskId) => {
    asked.push(taskId);
    return ended.has(taskId);
  }, noMetrics);
  await waiters.listen(file.redis, file.keys);
  return { waiters, asked };
}

test('an end that was published while the subscription was lost is found by reading again', async () => {
  const ended = new Set<string>();
  const { waiters, asked } = await waitersOf(ended);
  const waiting = waiters.wait(id, 20_000, never);
  await expect.poll(() => asked.length).toBe(1);
  // It ends, and nobody hears of it.
  ended.add(id);
  await file.redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await waiting;
  expect(asked.length).toBeGreaterThan(1);
  waiters.close();
});

test('a task that had ended before is not waited for, and one whose end is published is read no more', async () => {
  const { waiters, asked } = await waitersOf(new Set([id]));
  await waiters.wait(id, 20_000, never);
  const other = 'task_00000000000000000000000002';
  const waiting = waiters.wait(other, 20_000, never);
  await expect.poll(() => asked.includes(other)).toBe(true);
  await file.redis.spublish(file.keys.ends(other), `${other} succeeded`);
  await waiting;
  expect(asked.filter((one) => one === other)).toHaveLength(1);
  waiters.close();
});

test('thousands wait on one subscription, and each is woken by its own end alone', async () => {
  const { waiters, asked } = await waitersOf(new Set());
  const ids = Array.from({ length: 2000 }, (_, i) => `task_${String(i).padStart(26, '0')}`);
  const woken = new Set<string>();
  const all = ids.map((one) => waiters.wait(one, 20_000, never).then(() => woken.add(one)));
  await expect.poll(() => asked.length).toBe(ids.length);
  const some = ids.slice(0, 1000);
  for (const one of some) await file.redis.spublish(file.keys.ends(one), `${one} succeeded`);
  await expect.poll(() => woken.size).toBe(1000);
  expect([...woken].sort()).toEqual(some);
  waiters.close();
  await Promise.all(all);
});

test('who hangs up, or whose time is over, waits no longer', async () => {
  const { waiters } = await waitersOf(new Set());
  const hungUp = new AbortController();
  const waiting = waiters.wait(id, 20_000, hungUp.signal);
  hungUp.abort();
  await waiting;
  await waiters.wait(id, 10, never);
  waiters.close();
  await waiters.wait(id, 20_000, never);
});
