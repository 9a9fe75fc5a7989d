import { bucketCount, bucketOf, edgeOf } from './buckets.ts';
import { type Distribution, distributionOf, survivalAt } from './distribution.ts';

/**
 * Finished tasks by duration, the latest counting most: mass of each bucket, in tasks. What a task adds fades by
 * 1 / `memoryTasks` with every later one, so all of it is never above `memoryTasks`.
 */
export type Sketch = Float64Array;

/**
 * Tasks until one has faded to 1/e. With half as many, chance alone moves the plan too far; with twice as many, a slow
 * change that no drift gives away is followed too late.
 */
export const memoryTasks = 64;

/** A task's end lies in (after_ms, by_ms] since its submission: not yet over at one poll, over at the next. */
export type Seen = { after_ms: number; by_ms: number };

/** A little mass at a duration, as it goes into a sketch. */
export type Grain = { bucket: number; mass: number };

/** What is believed of durations. */
export type Belief = {
  distribution: Distribution;
  /** finished tasks it stands on, the faded ones in part */
  known_tasks: number;
  /** chance of each bucket */
  chance: Float64Array;
};

/** Width of the blur, in widths of the distribution at one known task; it falls with the fifth root of their number. */
const blur = 0.3;

/** Chances below this are not told from none: fewer grid points, and no poll was ever worth a chance so small. */
const chanceMin = 1e-4;

/** Reads a sketch. Chance puts few tasks into single buckets, so each is blurred over its neighbours. */
export function believe(sketch: Sketch): Belief | undefined {
  const known_tasks = sketch.reduce((sum, mass) => sum + mass, 0);
  if (!(known_tasks > 0)) return undefined;
  const chance = blurred(sketch, known_tasks);
  let first = 0;
  while (chance[first]! < chanceMin) first++;
  let last = bucketCount - 1;
  while (chance[last]! < chanceMin) last--;
  return { distribution: distributionWithin(chance, first, last), known_tasks, chance };
}

/** Times in a distribution at most: the search for a plan takes their square. More than seven doublings are told coarser. */
const timesMax = 170;

function distributionWithin(chance: Float64Array, first: number, last: number): Distribution {
  const stride = Math.ceil((last - first + 1) / (timesMax - 1));
  const steps = Math.ceil((last - first + 1) / stride);
  const times_ms = new Float64Array(steps + 1);
  const survival = new Float64Array(steps + 1);
  let left = 0;
  for (let step = steps; step >= 0; step--) {
    const bucket = first - 1 + step * stride;
    times_ms[step] = bucket < 0 ? 0 : edgeOf(bucket);
    survival[step] = left;
    for (let i = bucket; i > bucket - stride && i >= first; i--) left += i <= last ? chance[i]! : 0;
  }
  const whole = survival[0]!;
  return distributionOf(
    times_ms,
    survival.map((share) => share / whole),
  );
}

function blurred(sketch: Sketch, known_tasks: number): Float64Array {
  let [mean, square] = [0, 0];
  for (let i = 0; i < bucketCount; i++) mean += (sketch[i]! / known_tasks) * i;
  for (let i = 0; i < bucketCount; i++) square += (sketch[i]! / known_tasks) * (i - mean) ** 2;
  const width = Math.max(0.5, blur * Math.sqrt(square) * known_tasks ** -0.2);
  const reach = Math.min(bucketCount, Math.ceil(3 * width));
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-0.5 * ((k - reach) / width) ** 2));
  const whole = kernel.reduce((sum, part) => sum + part, 0) * known_tasks;
  const chance = new Float64Array(bucketCount);
  for (let i = 0; i < bucketCount; i++) {
    if (sketch[i]! === 0) continue;
    for (let k = 0; k < kernel.length; k++) {
      const at = Math.min(bucketCount - 1, Math.max(0, i + k - reach));
      chance[at]! += (sketch[i]! * kernel[k]!) / whole;
    }
  }
  return chance;
}

/** Grains that one task's end is told by. Fewer blur nothing but are rougher; each is a field written. */
const grains = 8;

/**
 * The part of a task that may have ended at any time between two polls, whatever is believed. Without it a belief
 * confirms itself: if all tasks end before the first poll, each would be put just before it, where the few early ones
 * were seen before, and no earlier poll would ever be tried.
 */
const openMinded = 0.03;

/**
 * Where in its interval a task has ended, as far as can be told: by what is believed of the others (a step of the EM
 * algorithm for interval-censored durations), and in small part anywhere.
 * @param belief  undefined while there is none: anywhere
 * @param draw  a number in [0, 1)
 */
export function grainsOf(belief: Belief | undefined, seen: Seen, draw: number): Grain[] {
  const span_ms = seen.by_ms - seen.after_ms;
  const anywhere = (share: number) => bucketOf(seen.after_ms + span_ms * share);
  const within = belief ? chanceWithin(belief, seen) : undefined;
  if (!within) {
    return merged(Array.from({ length: grains }, (_, k) => [anywhere((k + draw) / grains), 1 / grains]));
  }
  const parts: [number, number][] = [[anywhere((draw * grains) % 1), openMinded]];
  let k = 0;
  let sum = 0;
  for (const [bucket, chance] of within.buckets) {
    sum += chance;
    for (; k < grains && (k + draw) / grains <= sum / within.total; k++) {
      parts.push([bucket, (1 - openMinded) / grains]);
    }
  }
  return merged(parts);
}

/**
 * Where an end stands among those expected: from -1, sooner than all of them, to 1, later than all. Nought on average
 * while the belief is right, however coarse the intervals.
 */
export function leanOf({ distribution }: Belief, { after_ms, by_ms }: Seen): number {
  return 1 - survivalAt(distribution, after_ms) - survivalAt(distribution, by_ms);
}

/** The belief's chances within an interval; undefined where it has none there. */
function chanceWithin({ chance }: Belief, { after_ms, by_ms }: Seen) {
  const buckets: [number, number][] = [];
  let total = 0;
  for (let i = bucketOf(after_ms); i <= bucketOf(by_ms); i++) {
    const [low, high] = [i === 0 ? 0 : edgeOf(i - 1), edgeOf(i)];
    const overlap = Math.min(high, by_ms) - Math.max(low, after_ms);
    if (overlap <= 0 || chance[i] === 0) continue;
    buckets.push([i, (chance[i]! * overlap) / (high - low)]);
    total += buckets.at(-1)![1];
  }
  return total > 1e-9 ? { buckets, total } : undefined;
}

function merged(parts: [number, number][]): Grain[] {
  const sums = new Map<number, number>();
  for (const [bucket, mass] of parts) sums.set(bucket, (sums.get(bucket) ?? 0) + mass);
  return [...sums].map(([bucket, mass]) => ({ bucket, mass }));
}
