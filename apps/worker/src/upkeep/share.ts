import type { UpkeepDeps } from './deps.ts';

/** Up to so many a sweep looks at all of them; they take it a moment. */
const allMax = 5000;

/**
 * With more of them, so many sweeps look at all of them together. Nearly all of a night's backlog only waits, and what is
 * amiss with it is not urgent: looking at each of 100,000 every minute was 300,000 commands.
 */
const shares = 10;

/** The share of a long list that this sweep looks at: number `index` of `count`. */
export type Share = { index: number; count: number };

/** @param size  how many there are to look at in all */
export function shareOf({ now, sweepEveryMs }: Pick<UpkeepDeps, 'now' | 'sweepEveryMs'>, size: number): Share {
  if (size <= allMax) return { index: 0, count: 1 };
  return { index: Math.floor(now() / sweepEveryMs) % shares, count: shares };
}
