import { type Distribution, distributionOf } from '../apps/worker/src/polling/distribution.ts';
import type { Chance } from '../tests/simulation/chance.ts';

/** How long an upstream's tasks take: to draw one, and the share that runs longer than so many ms. */
export type UpstreamTimes = {
  name: string;
  draw: (chance: Chance) => number;
  runsLonger: (ms: number) => number;
};

export const lognormal = (median_ms: number, sigma: number): UpstreamTimes => ({
  name: `lognormal, σ ${sigma}`,
  draw: (chance) => median_ms * Math.exp(sigma * normal(chance)),
  runsLonger: (ms) => (ms <= 0 ? 1 : tail(Math.log(ms / median_ms) / sigma)),
});

export const halfAndHalf = (name: string, a: UpstreamTimes, b: UpstreamTimes): UpstreamTimes => ({
  name,
  draw: (chance) => (chance.draw() < 0.5 ? a : b).draw(chance),
  runsLonger: (ms) => (a.runsLonger(ms) + b.runsLonger(ms)) / 2,
});

export const longer = (times: UpstreamTimes, factor: number): UpstreamTimes => ({
  ...times,
  draw: (chance) => factor * times.draw(chance),
  runsLonger: (ms) => times.runsLonger(ms / factor),
});

/** The true distribution: every 20 ms, until one task in a million still runs. */
export function truthOf({ runsLonger }: UpstreamTimes): Distribution {
  const survival: number[] = [1];
  while (survival.at(-1)! > 1e-6) survival.push(runsLonger(survival.length * 20));
  survival[survival.length - 1] = 0;
  return distributionOf(
    Float64Array.from(survival, (_, i) => i * 20),
    Float64Array.from(survival),
  );
}

const normal = (chance: Chance) => Math.sqrt(-2 * Math.log(1 - chance.draw())) * Math.cos(2 * Math.PI * chance.draw());

/** The standard normal distribution's upper tail (Abramowitz and Stegun 26.2.17, good to 1e-7). */
function tail(x: number): number {
  if (x < 0) return 1 - tail(-x);
  const t = 1 / (1 + 0.2316419 * x);
  const factors = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const sum = factors.reduceRight((rest, factor) => (rest + factor) * t, 0);
  return (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}
