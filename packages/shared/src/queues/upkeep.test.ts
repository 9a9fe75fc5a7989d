import { randomUUID } from 'node:crypto';
import { Worker } from 'bullmq';
import { afterEach, expect, test, vi } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { openQueue } from './openQueue.ts';
import { mendSweeps, scheduleSweeps, type UpkeepJob } from './upkeep.ts';

const redisOf = redisOfFile();
const everyMs = 60_000;

afterEach(() => {
  vi.useRealTimers();
});

const ownQueue = () =>
  openQueue<UpkeepJob>('upkeep', redisOf.redis, redisOf.keys.queuePrefix(randomUUID().replaceAll('-', '')));

/** How far off the next sweep is, ms. */
async function nextIn(queue: ReturnType<typeof ownQueue>): Promise<number> {
  const { waiting = 0 } = await queue.getJobCounts('waiting');
  if (waiting > 0) return 0;
  const [next] = await queue.getDelayed(0, 0);
  return next ? next.timestamp + next.delay - Date.now() : Number.POSITIVE_INFINITY;
}

/** As the worker does that begins a sweep: with it the next one is placed. */
async function sweepOnce(queue: ReturnType<typeof ownQueue>): Promise<void> {
  const options = { connection: redisOf.redis, prefix: queue.opts.prefix!, autorun: false, skipVersionCheck: true };
  const worker = new Worker<UpkeepJob>('upkeep', undefined, options);
  const job = await worker.getNextJob('token');
  await job!.moveToCompleted(undefined, 'token', false);
  await worker.close();
}

test('a schedule that is right is left alone', async () => {
  const queue = ownQueue();
  await scheduleSweeps(queue, everyMs);
  expect(await mendSweeps(redisOf.redis, queue, everyMs)).toBe(false);
});

test('sweeps that a worker with a fast clock put off are scheduled anew', async () => {
  const queue = ownQueue();
  await scheduleSweeps(queue, everyMs);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
  await sweepOnce(queue);
  // The one with the wrong clock keeps its hands off.
  expect(await mendSweeps(redisOf.redis, queue, everyMs)).toBe(false);
  vi.useRealTimers();
  expect(await nextIn(queue)).toBeGreaterThan(3_000_000);
  expect(await mendSweeps(redisOf.redis, queue, everyMs)).toBe(true);
  expect(await nextIn(queue)).toBeLessThanOrEqual(everyMs);
});

test('sweeps whose job Redis lost are scheduled anew', async () => {
  const queue = ownQueue();
  await scheduleSweeps(queue, everyMs);
  for (const key of ['delayed', 'wait', 'prioritized', 'paused']) await redisOf.redis.del(queue.toKey(key));
  expect(await nextIn(queue)).toBe(Number.POSITIVE_INFINITY);
  expect(await mendSweeps(redisOf.redis, queue, everyMs)).toBe(true);
  expect(await nextIn(queue)).toBeLessThanOrEqual(everyMs);
});
