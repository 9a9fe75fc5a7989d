/**
 * What a walker asks its feeder for: the next bytes to look at, a number of bytes to pass over, or to pass over all
 * bytes up to and with the next one of a value (how pixel data is scanned at the speed of `indexOf`).
 */
export type Want = { take: number } | { skip: number } | { past: number };

/** Reads a file's structure bit by bit: yields what it wants next, gets the bytes it took, returns its finding. */
export type Walk<T> = Generator<Want, T, Uint8Array>;

/** The bytes are not the picture they should be. The message says what is wrong, never what the bytes are. */
export class Unreadable extends Error {
  override name = 'Unreadable';
}

/**
 * Feeds a walker from chunks as they arrive, so that a picture of any size is judged without being held.
 * A walker may take at most 64 KiB at once: header fields are smaller, and pixel data is passed over.
 */
export class Feeder<T> {
  #walk: Walk<T>;
  #want: Want | undefined;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #found: { value: T } | undefined;

  #mayTrail: boolean;

  /** @param mayTrail  whether bytes may follow the end of the picture */
  constructor(walk: Walk<T>, mayTrail: boolean) {
    this.#walk = walk;
    this.#mayTrail = mayTrail;
    this.#step(new Uint8Array());
  }

  /** @throws Unreadable as soon as the structure is broken */
  feed(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0 && this.#want) rest = this.#serve(rest);
    if (rest.length > 0 && !this.#mayTrail) throw new Unreadable('bytes follow the end of the picture');
  }

  /** @throws Unreadable when the bytes ended before the picture did */
  end(): T {
    if (!this.#found) throw new Unreadable('the picture is cut off');
    return this.#found.value;
  }

  #serve(bytes: Uint8Array): Uint8Array {
    const want = this.#want!;
    if ('past' in want) {
      const at = bytes.indexOf(want.past);
      if (at < 0) return bytes.subarray(bytes.length);
      this.#step(new Uint8Array());
      return bytes.subarray(at + 1);
    }
    if ('skip' in want) {
      const passed = Math.min(want.skip, bytes.length);
      if (passed === want.skip) this.#step(new Uint8Array());
      else this.#want = { skip: want.skip - passed };
      return bytes.subarray(passed);
    }
    const missing = want.take - this.#heldBytes;
    const part = bytes.subarray(0, missing);
    this.#held.push(part);
    this.#heldBytes += part.length;
    if (this.#heldBytes === want.take) {
      const taken = this.#held.length === 1 ? part : Buffer.concat(this.#held);
      this.#held = [];
      this.#heldBytes = 0;
      this.#step(taken);
    }
    return bytes.subarray(part.length);
  }

  #step(taken: Uint8Array): void {
    for (let bytes = taken; ; bytes = new Uint8Array()) {
      const next = this.#walk.next(bytes);
      if (next.done) {
        this.#want = undefined;
        this.#found = { value: next.value };
        return;
      }
      const want = next.value;
      if ('take' in want && want.take > 65_536) throw new Unreadable('a header field is too large');
      this.#want = want;
      const wantsNothing = ('take' in want && want.take === 0) || ('skip' in want && want.skip === 0);
      if (!wantsNothing) return;
    }
  }
}
