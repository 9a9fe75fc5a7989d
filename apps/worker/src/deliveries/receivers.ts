/** Deliveries that one receiver gets at once from one process: a slow one must not take the places of others. */
const atOnce = 4;

/** Failures in a row after which a receiver is left alone for a while, which doubles up to the most. */
const failuresMax = 5;
const coolMaxMs = 300_000;

type Receiver = { running: number; failures: number; coolsUntil: number; coolMs: number };

/**
 * How each receiver does, as this process has seen it: how many deliveries are on their way to it, and whether it is to
 * be left alone. What is learned is forgotten with the process; a dead receiver is soon known again.
 */
export class Receivers {
  #all = new Map<string, Receiver>();
  #now: () => number;
  #coolMs: number;

  /**
   * @param now  ms since the epoch
   * @param coolMs  how long a receiver that fails is left alone at first
   */
  constructor(now: () => number, coolMs: number) {
    this.#now = now;
    this.#coolMs = coolMs;
  }

  /**
   * Takes a place for a delivery.
   * @returns 0 when it was taken: give it back with `done`; else how many ms to come again after
   */
  take(name: string): number {
    const receiver = this.#of(name);
    const cools = receiver.coolsUntil - this.#now();
    if (cools > 0) return cools;
    // One that has cooled down is tried with one delivery first.
    const most = receiver.failures >= failuresMax ? 1 : atOnce;
    if (receiver.running >= most) return 200 + 50 * receiver.running;
    receiver.running++;
    return 0;
  }

  /** @param slow  the receiver itself asked for less: it is left alone at once, for as long as it said */
  done(name: string, well: boolean, slow?: number): void {
    const receiver = this.#of(name);
    receiver.running--;
    if (well) {
      receiver.failures = 0;
      receiver.coolMs = this.#coolMs;
      if (receiver.running === 0) this.#all.delete(name);
      return;
    }
    receiver.failures++;
    if (slow !== undefined) receiver.coolsUntil = this.#now() + Math.min(coolMaxMs, Math.max(1000, slow));
    else if (receiver.failures >= failuresMax) {
      receiver.coolsUntil = this.#now() + receiver.coolMs;
      receiver.coolMs = Math.min(coolMaxMs, receiver.coolMs * 2);
    }
  }

  #of(name: string): Receiver {
    const known = this.#all.get(name) ?? { running: 0, failures: 0, coolsUntil: 0, coolMs: this.#coolMs };
    this.#all.set(name, known);
    return known;
  }
}
