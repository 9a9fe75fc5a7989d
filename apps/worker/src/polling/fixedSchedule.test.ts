import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fixedSchedule } from './fixedSchedule.ts';
import type { Running } from './pollSchedule.ts';

const bounds = { min_ms: 1000, max_ms: 15_000 };
const left_ms = 10 ** 10;
const kind = { channel: 'main', model: 'NanoBanana', n: 1 };
const next = (running: Running, within = bounds) => fixedSchedule(within).watch(kind).next(running);
const running = fc.record({
  elapsed_ms: fc.nat({ max: 10 ** 9 }),
  failures: fc.nat({ max: 10_000 }),
  left_ms: fc.constant(left_ms),
  asked_ms: fc.constant(0),
});

test('a poll is never closer than the floor, and never later than the bound', () => {
  fc.assert(
    fc.property(running, (now) => {
      expect(next(now)).toBeGreaterThanOrEqual(bounds.min_ms);
      expect(next(now)).toBeLessThanOrEqual(bounds.max_ms);
    }),
  );
});

test('pauses grow with the time a task has taken and with every query that told nothing', () => {
  fc.assert(
    fc.property(running, fc.nat({ max: 10 ** 6 }), (now, more) => {
      expect(next({ ...now, elapsed_ms: now.elapsed_ms + more })).toBeGreaterThanOrEqual(next(now));
      expect(next({ ...now, failures: now.failures + 1 })).toBeGreaterThanOrEqual(next(now));
    }),
  );
});

test('a short task is noticed soon, a long one costs few queries', () => {
  const polls = (duration_ms: number) => {
    let [elapsed_ms, count] = [0, 0];
    while (elapsed_ms < duration_ms) {
      elapsed_ms += next({ elapsed_ms, failures: 0, left_ms, asked_ms: 0 });
      count++;
    }
    return { count, late_ms: elapsed_ms - duration_ms };
  };
  expect(polls(12_000).count).toBeLessThanOrEqual(12);
  expect(polls(12_500).late_ms).toBeLessThanOrEqual(1300);
  expect(polls(3_600_000).count).toBeLessThan(300);
});

test('with equal bounds it is the fixed interval of the textbook', () => {
  const pauses = [0, 5000, 500_000].map((elapsed_ms) =>
    next({ elapsed_ms, failures: 0, left_ms, asked_ms: 0 }, { min_ms: 2000, max_ms: 2000 }),
  );
  expect(pauses).toEqual([2000, 2000, 2000]);
});
