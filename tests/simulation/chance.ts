/** A stream of chance that a seed decides: every run of a seed draws the same. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** a number in [0, 1) (mulberry32) */
  draw(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  oneIn(n: number): boolean {
    return this.draw() * n < 1;
  }

  below(n: number): number {
    return Math.floor(this.draw() * n);
  }

  /** How long a message takes, ms: nearly always little, now and then longer than a fence check is good for, seldom longer than a lock. */
  latency(): number {
    if (this.oneIn(150)) return this.draw() * 14_000;
    return this.oneIn(12) ? this.draw() * 2500 : this.draw() * 30;
  }
}
