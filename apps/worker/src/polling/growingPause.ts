import type { PollBounds } from './planPolls.ts';

/**
 * A pause that grows with the time a task has taken: a tenth of it, within bounds. A short task is noticed soon, a long
 * one costs few queries. With equal bounds it is the fixed interval of the textbook.
 */
export const growingPause = ({ min_ms, max_ms }: PollBounds, elapsed_ms: number): number =>
  Math.min(max_ms, Math.max(min_ms, elapsed_ms / 10));
