import { Problem } from '../errors/index.ts';
import { fullnessMax } from '../redis/index.ts';

/** How old what is known of Redis' memory may be: a burst of creates asks once. */
const freshMs = 1000;

/** Memory comes back as tasks end, which takes seconds. */
const retryAfterSeconds = 5;

/**
 * Whether Redis has room for another task. From 80 % of its memory on nothing more is accepted, so that what was
 * accepted can go on: it needs memory too.
 */
export class Headroom {
  #read: () => Promise<number>;
  #now: () => number;
  #known: { fullness: Promise<number>; at: number } | undefined;

  /**
   * @param read  how full Redis is, from 0 to 1
   * @param now  a monotonic clock, ms
   */
  constructor(read: () => Promise<number>, now: () => number) {
    this.#read = read;
    this.#now = now;
  }

  /** @throws Problem `queue_unavailable` when there is no room; when Redis does not answer */
  async demand(): Promise<void> {
    if (!this.#known || this.#now() - this.#known.at >= freshMs) {
      const fullness = this.#read();
      this.#known = { fullness, at: this.#now() };
      // What failed tells nothing about the next second.
      fullness.catch(() => {
        if (this.#known?.fullness === fullness) this.#known = undefined;
      });
    }
    if ((await this.#known.fullness) < fullnessMax) return;
    throw new Problem('queue_unavailable', 'The queue is nearly full; nothing was accepted. Try again.', {
      retryAfterSeconds,
    });
  }
}
