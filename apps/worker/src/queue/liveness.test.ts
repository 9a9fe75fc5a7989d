import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Watched, watchLiveness } from './liveness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A worker that neither asks nor starts, of a queue in which nothing waits. */
const still: Watched = { fetches: () => 7, starts: () => 7, isFull: () => false, couldStart: async () => false };

function watched(change: Partial<Watched> = {}) {
  const wedged = vi.fn();
  const stop = watchLiveness({ ...still, ...change }, wedged);
  return { wedged, stop };
}

const counter = () => {
  let count = 0;
  return () => count++;
};

test('a worker that has not asked its queue for a minute while Redis answered is wedged, and told once', async () => {
  const { wedged } = watched();
  await vi.advanceTimersByTimeAsync(59_000);
  expect(wedged).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(wedged).toHaveBeenCalledOnce();
});

test('a worker that asks and starts nothing, while jobs wait that it may start, is wedged', async () => {
  const asks = watched({ fetches: counter(), couldStart: async () => true });
  const uncounted = watched({ fetches: undefined, couldStart: async () => true });
  await vi.advanceTimersByTimeAsync(61_000);
  expect(asks.wedged).toHaveBeenCalledOnce();
  expect(uncounted.wedged).toHaveBeenCalledOnce();
});

test('a worker that makes progress, one that is full or has nothing to do, and one whose Redis is away are not wedged', async () => {
  const all = [
    watched({ fetches: counter() }),
    watched({ fetches: counter(), starts: counter(), couldStart: async () => true }),
    watched({ fetches: undefined }),
    watched({ isFull: () => true, couldStart: async () => true }),
    watched({ couldStart: () => Promise.reject(new Error('away')) }),
  ];
  await vi.advanceTimersByTimeAsync(600_000);
  for (const { wedged } of all) expect(wedged).not.toHaveBeenCalled();
});

test('time in which the process did not run does not count', async () => {
  const { wedged } = watched();
  vi.setSystemTime(Date.now() + 3_600_000);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(wedged).not.toHaveBeenCalled();
});
