import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchLiveness } from './liveness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched(change: Partial<Parameters<typeof watchLiveness>[0]> = {}) {
  const wedged = vi.fn();
  const stop = watchLiveness({ fetches: () => 7, isFull: () => false, ping: async () => 'PONG', ...change }, wedged);
  return { wedged, stop };
}

test('a worker that has not asked its queue for a minute while Redis answered is wedged, and told once', async () => {
  const { wedged } = watched();
  await vi.advanceTimersByTimeAsync(59_000);
  expect(wedged).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(wedged).toHaveBeenCalledOnce();
});

test('a worker that asks, one that is full and one whose Redis is away are not wedged', async () => {
  let asked = 0;
  const all = [
    watched({ fetches: () => asked++ }),
    watched({ isFull: () => true }),
    watched({ ping: () => Promise.reject(new Error('away')) }),
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
