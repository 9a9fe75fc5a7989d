/** Decides when a running task is asked for next. */
export type PollSchedule = {
  /**
   * @param seen.elapsed_ms  since the submission was accepted
   * @param seen.polls  queries made so far by this worker
   * @param seen.failures  queries in a row that told nothing
   * @returns ms until the next query
   */
  next(seen: { elapsed_ms: number; polls: number; failures: number }): number;
};

/**
 * Asks at intervals that grow with the time a task has taken: a tenth of it, within bounds. A short task is noticed
 * soon, a long one costs few queries. Queries that tell nothing double the pause.
 */
export function growingSchedule({ min_ms, max_ms }: { min_ms: number; max_ms: number }): PollSchedule {
  return {
    next({ elapsed_ms, failures }) {
      const calm = Math.min(max_ms, Math.max(min_ms, elapsed_ms / 10));
      return failures === 0 ? calm : Math.min(4 * max_ms, calm * 2 ** Math.min(failures, 10));
    },
  };
}
