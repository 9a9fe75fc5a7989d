import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Distribution, distributionOf, quantileOf, scaled, survivalAt } from './distribution.ts';
import { nextPollAt, outlookOf, planForDelay, planPolls } from './planPolls.ts';

/** Any distribution over times 100 ms apart, and bounds that keep at least one of them in reach. */
const distribution = fc
  .array(fc.nat({ max: 100 }), { minLength: 2, maxLength: 40 })
  .filter((masses) => masses.some((mass) => mass > 0))
  .map((masses): Distribution => {
    const left = masses.map((_, i) => masses.slice(i).reduce((sum, mass) => sum + mass, 0));
    const survival = [...left, 0].map((mass) => mass / left[0]!);
    return distributionOf(
      Float64Array.from(survival, (_, i) => i * 100),
      Float64Array.from(survival),
    );
  });
const bounds = fc
  .record({ min: fc.integer({ min: 1, max: 5 }), more: fc.integer({ min: 1, max: 30 }) })
  .map(({ min, more }) => ({ min_ms: min * 100, max_ms: (min + more) * 100 }));
const lambda = fc.double({ min: 0.01, max: 100, noNaN: true });

test('no other choice of polls costs less', () => {
  fc.assert(
    fc.property(distribution, bounds, lambda, (given, within, price) => {
      const { times_ms, survival } = given;
      const least = new Float64Array(times_ms.length);
      for (let i = times_ms.length - 1; i >= 0; i--) {
        let best = Number.POSITIVE_INFINITY;
        for (let u = 0; u < times_ms.length; u++) {
          const pause = times_ms[u]! - times_ms[i]!;
          if (pause < within.min_ms || pause > within.max_ms) continue;
          best = Math.min(best, survival[i]! * (1 + (price * pause) / 1000) + least[u]!);
        }
        least[i] = best === Number.POSITIVE_INFINITY ? survival[i]! * (1 + (price * within.min_ms) / 1000) : best;
      }
      const { cost } = planPolls(given, within, price);
      for (const [i, best] of least.entries()) expect(cost[i]).toBeCloseTo(best, 9);
    }),
  );
});

test('a plan costs what it says', () => {
  fc.assert(
    fc.property(distribution, bounds, lambda, (given, within, price) => {
      const plan = planPolls(given, within, price);
      const { polls, delay_ms } = outlookOf(plan);
      expect(polls + (price * (delay_ms + given.mean_ms)) / 1000).toBeCloseTo(plan.cost[0]!, 6);
    }),
  );
});

test('the dearer a second of delay, the more polls and the less delay', () => {
  fc.assert(
    fc.property(distribution, bounds, lambda, lambda, (given, within, a, b) => {
      const cheap = outlookOf(planPolls(given, within, Math.min(a, b)));
      const dear = outlookOf(planPolls(given, within, Math.max(a, b)));
      expect(dear.polls).toBeGreaterThanOrEqual(cheap.polls - 1e-9);
      expect(dear.delay_ms).toBeLessThanOrEqual(cheap.delay_ms + 1e-6);
    }),
  );
});

test('after any time, the next poll is neither closer than the floor nor later than the bound', () => {
  fc.assert(
    fc.property(distribution, bounds, lambda, fc.nat({ max: 5000 }), (given, within, price, elapsed_ms) => {
      const next = nextPollAt(planPolls(given, within, price), elapsed_ms);
      if (!next) return;
      expect(next.at_ms - elapsed_ms).toBeGreaterThanOrEqual(within.min_ms);
      expect(next.at_ms - elapsed_ms).toBeLessThanOrEqual(within.max_ms);
    }),
  );
});

test('a plan for a delay has it, where the bounds and the times allow', () => {
  const even = Float64Array.from({ length: 601 }, (_, i) => 1 - i / 600);
  const given = distributionOf(
    even.map((_, i) => 10_000 + i * 20),
    even,
  );
  const within = { min_ms: 100, max_ms: 60_000 };
  for (const delay_ms of [300, 500, 1000]) {
    expect(outlookOf(planForDelay(given, within, delay_ms)).delay_ms / delay_ms).toBeCloseTo(1, 0.9);
  }
  expect(outlookOf(planForDelay(given, within, 60_000)).polls).toBeCloseTo(1, 6);
  expect(outlookOf(planForDelay(given, { ...within, min_ms: 1000 }, 1)).delay_ms).toBeLessThan(700);
});

test('times further apart than the bound do not stretch a pause', () => {
  const given = distributionOf(Float64Array.of(50_000, 90_000), Float64Array.of(1, 0));
  const plan = planPolls(given, { min_ms: 1000, max_ms: 5000 }, 1);
  expect([0, 50_000, 60_000].map((elapsed) => nextPollAt(plan, elapsed)?.at_ms)).toEqual([5000, 55_000, 65_000]);
  expect(nextPollAt(plan, 90_000)).toBeUndefined();
});

test('shares and times of a distribution are each other’s inverse', () => {
  fc.assert(
    fc.property(distribution, fc.double({ min: 0.001, max: 0.999, noNaN: true }), (given, share) => {
      expect(survivalAt(given, quantileOf(given, share))).toBeCloseTo(1 - share, 9);
      const twice = scaled(given, 2);
      expect(twice.mean_ms).toBeCloseTo(2 * given.mean_ms, 6);
      expect(quantileOf(twice, share)).toBeCloseTo(2 * quantileOf(given, share), 6);
    }),
  );
});
