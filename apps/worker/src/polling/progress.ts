import type { Seen } from './durations.ts';

/** The last time an upstream's progress has moved: how far it was, in per cent, and when, since the submission. */
export type Reading = { percent: number; elapsed_ms: number };

/** Ratios of durations are kept as durations of about this many ms: the same buckets serve both. */
export const ratioUnit = 1000;

/** How long a task takes if it goes on at the pace it has shown. Progress is rounded down, so half a per cent is added. */
export const foretoldMs = ({ percent, elapsed_ms }: Reading): number => (elapsed_ms * 100) / (percent + 0.5);

/** When a task has ended, in parts of what its progress had foretold. */
export function foretold(seen: Seen, reading: Reading): Seen {
  const ratio = ratioUnit / foretoldMs(reading);
  return { after_ms: seen.after_ms * ratio, by_ms: seen.by_ms * ratio };
}
