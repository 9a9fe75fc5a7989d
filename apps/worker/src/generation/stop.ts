import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Why work on a part stops before its end.
 * - `closing`: this process is going; the part is handed back
 * - `canceled`: the client canceled the task; its record says so already
 * - `lease_lost`, `claim_lost`: another worker holds the part; nothing more may be written
 */
export type StopReason = 'closing' | 'canceled' | 'lease_lost' | 'claim_lost';

const reasons: readonly string[] = ['closing', 'canceled', 'lease_lost', 'claim_lost'] satisfies StopReason[];

/** Thrown through all steps to the processor when the work on a part must stop. */
export class Stop extends Error {
  override name = 'Stop';
  readonly reason: StopReason;

  constructor(reason: StopReason) {
    super(reason);
    this.reason = reason;
  }
}

/** The stop that an aborted signal asks for. An unknown reason is read as the safest: another holder. */
export function stopOf(signal: AbortSignal): Stop {
  const reason = String(signal.reason);
  return new Stop(reasons.includes(reason) ? (reason as StopReason) : 'lease_lost');
}

/** @throws Stop when the signal is aborted */
export function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw stopOf(signal);
}

/** Waits; an abort ends the wait at once. @throws Stop */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(Math.max(0, ms), undefined, { signal });
  } catch (error) {
    if (signal.aborted) throw stopOf(signal);
    throw error;
  }
}

/** Runs something that takes a signal; an abort becomes a Stop. */
export async function stoppable<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  throwIfStopped(signal);
  try {
    return await run();
  } catch (error) {
    if (signal.aborted && !(error instanceof Stop)) throw stopOf(signal);
    throw error;
  }
}

/** The pause before try number `tries` + 1: doubling from `first_ms` up to `max_ms`, half of it at random. */
export function backoff(tries: number, first_ms: number, max_ms: number, random: () => number): number {
  const full = Math.min(max_ms, first_ms * 2 ** Math.min(tries, 30));
  return full / 2 + (full / 2) * random();
}
