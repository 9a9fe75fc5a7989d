import fc from 'fast-check';
import { expect, test } from 'vitest';
import { growingSchedule } from './pollSchedule.ts';

const [min_ms, max_ms] = [1000, 15_000];
const schedule = growingSchedule({ min_ms, max_ms });
const seen = fc.record({ elapsed_ms: fc.nat({ max: 10 ** 9 }), polls: fc.nat(), failures: fc.nat({ max: 10_000 }) });

test('a poll is never closer than the floor, and never later than the bound', () => {
  fc.assert(
    fc.property(seen, (now) => {
      const ms = schedule.next(now);
      expect(ms).toBeGreaterThanOrEqual(min_ms);
      expect(ms).toBeLessThanOrEqual(now.failures === 0 ? max_ms : 4 * max_ms);
    }),
  );
});

test('pauses grow with the time a task has taken and with every query that told nothing', () => {
  fc.assert(
    fc.property(seen, fc.nat({ max: 10 ** 6 }), (now, more) => {
      expect(schedule.next({ ...now, elapsed_ms: now.elapsed_ms + more })).toBeGreaterThanOrEqual(schedule.next(now));
      expect(schedule.next({ ...now, failures: now.failures + 1 })).toBeGreaterThanOrEqual(schedule.next(now));
    }),
  );
});

test('a short task is noticed soon, a long one costs few queries', () => {
  const polls = (duration_ms: number) => {
    let [elapsed_ms, count] = [0, 0];
    while (elapsed_ms < duration_ms) {
      elapsed_ms += schedule.next({ elapsed_ms, polls: count, failures: 0 });
      count++;
    }
    return { count, late_ms: elapsed_ms - duration_ms };
  };
  expect(polls(12_000).count).toBeLessThanOrEqual(12);
  expect(polls(12_500).late_ms).toBeLessThanOrEqual(1300);
  expect(polls(3_600_000).count).toBeLessThan(300);
});
