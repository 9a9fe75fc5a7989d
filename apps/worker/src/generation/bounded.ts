import { Transform } from 'node:stream';

/** More bytes came than were allowed. */
export class TooLarge extends Error {
  override name = 'TooLarge';
}

/** A stream that passes bytes on and fails as soon as there are more than `bytesMax`. */
export function bounded(bytesMax: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.length;
      if (bytes > bytesMax) done(new TooLarge(`it is larger than ${bytesMax} bytes`));
      else done(null, chunk);
    },
  });
}
