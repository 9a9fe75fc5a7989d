/**
 * How long tasks take: the chance that one is still running after so long, known at some times and linear between them.
 * `survival[0]` is 1, the last is 0.
 */
export type Distribution = {
  /** ascending, ms since the submission */
  times_ms: Float64Array;
  /** as many, falling from 1 to 0 */
  survival: Float64Array;
  mean_ms: number;
};

/** @param survival  falls from 1 to 0; as many as there are times */
export function distributionOf(times_ms: Float64Array, survival: Float64Array): Distribution {
  let mean_ms = times_ms[0]!;
  for (let i = 1; i < times_ms.length; i++) {
    mean_ms += ((survival[i - 1]! + survival[i]!) / 2) * (times_ms[i]! - times_ms[i - 1]!);
  }
  return { times_ms, survival, mean_ms };
}

/** The index of the first time that is not before `ms`; the number of times when all are. */
export function firstFrom(times_ms: Float64Array, ms: number): number {
  let [low, high] = [0, times_ms.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times_ms[middle]! < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The chance that a task is still running after so long. */
export function survivalAt({ times_ms, survival }: Distribution, ms: number): number {
  const next = firstFrom(times_ms, ms);
  if (next === 0) return 1;
  if (next === times_ms.length) return 0;
  const [from, to] = [times_ms[next - 1]!, times_ms[next]!];
  return survival[next - 1]! + ((survival[next]! - survival[next - 1]!) * (ms - from)) / (to - from);
}

/** The time by which this share of the tasks has ended. */
export function quantileOf({ times_ms, survival }: Distribution, share: number): number {
  const left = 1 - share;
  let next = 1;
  while (next < survival.length - 1 && survival[next]! > left) next++;
  const [from, to] = [survival[next - 1]!, survival[next]!];
  const part = from > to ? Math.min(1, Math.max(0, (from - left) / (from - to))) : 0;
  return times_ms[next - 1]! + part * (times_ms[next]! - times_ms[next - 1]!);
}

/** The distribution of durations `factor` times as long. */
export function scaled({ times_ms, survival, mean_ms }: Distribution, factor: number): Distribution {
  return { times_ms: times_ms.map((ms) => ms * factor), survival, mean_ms: mean_ms * factor };
}
