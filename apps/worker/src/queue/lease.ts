/**
 * A worker's right to act on its jobs, seen through its own monotonic clock. It lasts as long as the lock would if the
 * renewal had reached Redis the moment it was sent, so it never outlives the lock.
 */
export class Leases {
  #durationMs: number;
  #now: () => number;
  #until = new Map<string, number>();

  /** @param now  a monotonic clock, ms */
  constructor(durationMs: number, now: () => number) {
    this.#durationMs = durationMs;
    this.#now = now;
  }

  /** @param sentAt  when the request that took or renewed the lock was sent, by the monotonic clock */
  begin(jobId: string, sentAt: number): void {
    this.#until.set(jobId, sentAt + this.#durationMs);
  }

  end(jobId: string): void {
    this.#until.delete(jobId);
  }

  renewed(jobIds: readonly string[], sentAt: number): void {
    for (const id of jobIds) if (this.#until.has(id)) this.begin(id, sentAt);
  }

  /** Whether the worker may act on this job now. False is not the end of it: a late renewal can still succeed. */
  holds(jobId: string): boolean {
    return (this.#until.get(jobId) ?? Number.NEGATIVE_INFINITY) > this.#now();
  }
}
