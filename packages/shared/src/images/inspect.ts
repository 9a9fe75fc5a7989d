import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
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

  /** @throws Unreadable when the picture is cut off, empty or too large */
  end(): Inspected {
    const { width, height } = this.#feeder.end();
    if (width === 0 || height === 0) throw new Unreadable('the picture has no size');
    if (width * height > pixelsMax) throw new Unreadable('the picture has more than 100 megapixels');
    return { width, height, media_type: this.#format.media_type, bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  /** The same as a stream that passes the bytes on; it fails where `feed` and `end` throw. */
  stream(): Transform & { inspected?: Inspected } {
    const transform: Transform & { inspected?: Inspected } = new Transform({
      transform: (chunk: Uint8Array, _encoding, done) => attempt(() => this.feed(chunk), done, chunk),
      flush: (done) =>
        attempt(() => {
          transform.inspected = this.end();
        }, done),
    });
    return transform;
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

function attempt(act: () => void, done: (error?: Error | null, chunk?: Uint8Array) => void, chunk?: Uint8Array): void {
  try {
    act();
  } catch (error) {
    done(error as Error);
    return;
  }
  done(null, chunk);
}
