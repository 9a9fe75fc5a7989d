import { hash } from 'node:crypto';

/** Numbers in [0, 1), the same ones for the same seed (mulberry32). */
export type Random = () => number;

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** 64 hexadecimal digits that depend on every part and on nothing else. */
export function digestOf(...parts: readonly (string | number)[]): string {
  return hash('sha256', parts.join('\n'), 'hex');
}

/** A 32-bit seed out of a digest's tail; its head is used for names. */
export function seedOf(digest: string): number {
  return Number.parseInt(digest.slice(-8), 16);
}

/** A draw from the lognormal distribution with this median and this sigma of the logarithm. */
export function lognormal(random: Random, median: number, sigma: number): number {
  // Box-Muller; 1 - random() keeps the logarithm away from zero.
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(sigma * normal);
}
