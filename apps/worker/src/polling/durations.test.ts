import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketCount, bucketOf, edgeOf } from './buckets.ts';
import { quantileOf } from './distribution.ts';
import { believe, grainsOf, leanOf, memoryTasks } from './durations.ts';

const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const seen = fc
  .tuple(fc.nat({ max: 100_000 }), fc.integer({ min: 1, max: 100_000 }))
  .map(([after_ms, more]) => ({ after_ms, by_ms: after_ms + more }));
const sketchOf = (tasks: readonly (readonly [ms: number, mass: number])[]) => {
  const sketch = new Float64Array(bucketCount);
  for (const [ms, mass] of tasks) sketch[bucketOf(ms)]! += mass;
  return sketch;
};
const sketch = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 10 ** 7 }), fc.double({ min: 0.01, max: 10, noNaN: true })), {
    minLength: 1,
    maxLength: 50,
  })
  .map(sketchOf);

test('every duration has a bucket, and lies within its edges', () => {
  fc.assert(
    fc.property(fc.double({ min: 8, max: 7 * 86_400_000, noNaN: true }), (ms) => {
      const bucket = bucketOf(ms);
      expect(edgeOf(bucket)).toBeGreaterThanOrEqual(ms * (1 - 1e-9));
      if (bucket > 0) expect(edgeOf(bucket - 1)).toBeLessThan(ms * (1 + 1e-9));
    }),
  );
  expect([bucketOf(0), bucketOf(1e15)]).toEqual([0, bucketCount - 1]);
});

test('a belief’s survival falls from one to nought, whatever it stands on', () => {
  fc.assert(
    fc.property(sketch, (given) => {
      const { times_ms, survival } = believe(given)!.distribution;
      expect(survival[0]).toBe(1);
      expect(survival.at(-1)).toBe(0);
      for (let i = 1; i < times_ms.length; i++) {
        expect(times_ms[i]).toBeGreaterThan(times_ms[i - 1]!);
        expect(survival[i]).toBeLessThanOrEqual(survival[i - 1]!);
      }
    }),
  );
  expect(believe(new Float64Array(bucketCount))).toBeUndefined();
});

test('a task is one task, within the polls between which it ended', () => {
  fc.assert(
    fc.property(fc.option(sketch, { nil: undefined }), seen, draw, (known, interval, lot) => {
      const grains = grainsOf(known && believe(known), interval, lot);
      expect(grains.length).toBeLessThanOrEqual(9);
      expect(grains.reduce((sum, { mass }) => sum + mass, 0)).toBeCloseTo(1, 9);
      for (const { bucket } of grains) {
        expect(bucket).toBeGreaterThanOrEqual(bucketOf(interval.after_ms));
        expect(bucket).toBeLessThanOrEqual(bucketOf(interval.by_ms));
      }
    }),
  );
});

test('a task goes where others are known to have ended, and in small part anywhere in its interval', () => {
  const belief = believe(sketchOf([[12_000, memoryTasks]]))!;
  const near = (ms: number) => Math.abs(Math.log(ms / 12_000)) < 0.1;
  for (const lot of [0, 0.4, 0.99]) {
    const grains = grainsOf(belief, { after_ms: 0, by_ms: 30_000 }, lot);
    const atHome = grains.filter(({ bucket }) => near(edgeOf(bucket)));
    expect(atHome.reduce((sum, { mass }) => sum + mass, 0)).toBeGreaterThan(0.96);
  }
  const elsewhere = grainsOf(belief, { after_ms: 0, by_ms: 3000 }, 0.5);
  expect(elsewhere.length, 'what is thought impossible there is anywhere there').toBeGreaterThan(5);
});

test('ends that are only seen between polls 5 s apart give the true distribution', () => {
  let held = new Float64Array(bucketCount);
  for (let task = 0; task < 600; task++) {
    // Evenly between 10 and 14 s, asked for every 5 s from another moment each.
    const duration = 10_000 + ((task * 0.618) % 1) * 4000;
    const phase = ((task * 0.414) % 1) * 5000;
    const after_ms = Math.max(0, Math.floor((duration - phase) / 5000) * 5000 + phase);
    held = held.map((mass) => mass * (1 - 1 / memoryTasks));
    for (const { bucket, mass } of grainsOf(believe(held), { after_ms, by_ms: after_ms + 5000 }, (task * 0.732) % 1)) {
      held[bucket]! += mass;
    }
  }
  const { distribution } = believe(held)!;
  expect(quantileOf(distribution, 0.5) / 12_000).toBeCloseTo(1, 1);
  expect(quantileOf(distribution, 0.1)).toBeGreaterThan(9000);
  expect(quantileOf(distribution, 0.9)).toBeLessThan(15_000);
});

test('what all expected leans to no side, what none expected leans to its own', () => {
  const belief = believe(sketchOf([[12_000, memoryTasks]]))!;
  expect(leanOf(belief, { after_ms: 0, by_ms: 300_000 })).toBe(0);
  expect(leanOf(belief, { after_ms: 20_000, by_ms: 22_000 })).toBe(1);
  expect(leanOf(belief, { after_ms: 0, by_ms: 5000 })).toBe(-1);
});
