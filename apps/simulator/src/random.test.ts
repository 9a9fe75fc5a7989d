import { expect, test } from 'vitest';
import { lognormal, seededRandom } from './random.ts';

test('the same seed draws the same numbers, another seed others', () => {
  const draw = (seed: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: 20 }, random);
  };
  expect(draw(42)).toEqual(draw(42));
  expect(draw(42)).not.toEqual(draw(43));
  expect(draw(42).every((number) => number >= 0 && number < 1)).toBe(true);
});

test('lognormal durations have the median and the spread asked for', () => {
  const random = seededRandom(7);
  const draws = Array.from({ length: 20_001 }, () => lognormal(random, 12_000, 0.3)).sort((a, b) => a - b);
  expect(draws[10_000]! / 12_000).toBeCloseTo(1, 1);
  // One sigma above the median lies the 84.1th percentile.
  expect(draws[16_827]! / 12_000).toBeCloseTo(Math.exp(0.3), 1);
});
