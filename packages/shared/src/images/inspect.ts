import { createHash } from 'node:crypto';
import { type Format, formatOf } from './formats.ts';
import type { Dimensions } from './structure/png.ts';
import { Feeder, Unreadable } from './structure/walk.ts';

/** More pixels than this are refused: a small file can unpack to gigabytes in whoever opens it. */
const pixelsMax = 100_000_000;

/** What a picture turned out to be. */
export type Inspected = Dimensions & { media_type: string; bytes: number; sha256: string };

/**
 * Judges a picture by its structure as its bytes pass: one whole frame of a known format, at most 100 megapixels.
 * Nothing is decoded and nothing is held.
 */
export class Inspector {
  #feeder: Feeder<Dimensions>;
  #format: Format;
  #hash = createHash('sha256');
  #bytes = 0;
  #inspected: Inspected | undefined;

  /**
   * @param mayTrail  whether bytes may follow the picture's end. Upstreams append gain maps and provenance there; in a
   *   client's upload they are what makes a polyglot.
   */
  constructor(format: Format, { mayTrail }: { mayTrail: boolean }) {
    this.#format = format;
    this.#feeder = new Feeder(format.walk(), mayTrail);
  }

  /** @throws Unreadable as soon as the structure is broken */
  feed(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    this.#feeder.feed(chunk);
  }

  /** What the picture is, once all of it has passed. @throws Unreadable when it is cut off, empty or too large */
  end(): Inspected {
    if (this.#inspected) return this.#inspected;
    const { width, height } = this.#feeder.end();
    if (width === 0 || height === 0) throw new Unreadable('the picture has no size');
    if (width * height > pixelsMax) throw new Unreadable('the picture has more than 100 megapixels');
    const sha256 = this.#hash.digest('hex');
    this.#inspected = { width, height, media_type: this.#format.media_type, bytes: this.#bytes, sha256 };
    return this.#inspected;
  }

  /**
   * Passes the bytes of a body on as they are judged.
   * @param head  what was read of the body before
   * @throws Unreadable where `feed` and `end` do, so that whoever reads this never takes a broken picture for a whole one
   */
  async *pass(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    this.feed(head);
    yield head;
    for await (const chunk of rest) {
      this.feed(chunk);
      yield chunk;
    }
    this.end();
  }
}

/**
 * Judges an uploaded picture that is wholly in memory.
 * @throws Unreadable saying what is wrong with it
 */
export function inspectBytes(bytes: Uint8Array): Inspected & { format: Format } {
  const format = formatOf(bytes);
  if (!format) throw new Unreadable('neither a PNG, a JPEG nor a WebP');
  const inspector = new Inspector(format, { mayTrail: false });
  inspector.feed(bytes);
  return { ...inspector.end(), format };
}
