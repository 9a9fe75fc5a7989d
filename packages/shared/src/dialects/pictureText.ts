import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { TaskFailed } from '../errors/index.ts';
import type { ObjectStore } from '../images/index.ts';
import type { StoredImage } from '../tasks/index.ts';

/** Stands in a JSON value where a stored picture's bytes are to be, as base64. */
export class Base64Of {
  readonly image: StoredImage;

  constructor(image: StoredImage) {
    this.image = image;
  }
}

/** What a text is made of: text as it is, and values as JSON. */
export type Parts = readonly (string | object)[];

/** A text with pictures in it, of known length, that is read from storage as it is used. */
export type PictureText = { bytes: number; text: AsyncIterable<string>; destroy(): void };

/**
 * Opens a text with pictures in it. No picture is ever wholly in memory.
 * @throws TaskFailed `result_unavailable` when storage no longer has a picture
 */
export async function openPictureText(store: ObjectStore, parts: Parts): Promise<PictureText> {
  const pieces = parts.flatMap((part) => (typeof part === 'string' ? [part] : piecesOf(part)));
  const bodies: Readable[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    bytes += typeof piece === 'string' ? Buffer.byteLength(piece) : 4 * Math.ceil(piece.bytes / 3);
    if (typeof piece !== 'string') bodies.push(await openPicture(store, piece.key));
  }
  const destroy = () => {
    for (const body of bodies) body.destroy();
  };
  return { bytes, text: textOf(pieces, bodies), destroy };
}

/** The text of a JSON value, cut where pictures stand in it. */
function piecesOf(value: object): (string | StoredImage)[] {
  const images: StoredImage[] = [];
  // Nothing in the value can hold this mark: it is made only now.
  const mark = randomUUID();
  const json = JSON.stringify(value, (_name, member: unknown) => {
    if (!(member instanceof Base64Of)) return member;
    images.push(member.image);
    return mark;
  });
  return json.split(mark).flatMap((text, i) => (i < images.length ? [text, images[i]!] : [text]));
}

async function openPicture(store: ObjectStore, key: string): Promise<Readable> {
  const body = await store.open(key).catch(() => undefined);
  if (body) return body;
  throw new TaskFailed({ code: 'result_unavailable', message: 'The picture cannot be read from storage now.' });
}

async function* textOf(pieces: (string | StoredImage)[], bodies: Readable[]): AsyncGenerator<string> {
  let next = 0;
  for (const piece of pieces) {
    if (typeof piece === 'string') yield piece;
    else yield* base64Of(bodies[next++]!);
  }
}

/** Base64 of a stream: every three bytes make four letters, so what is over waits for the next chunk. */
async function* base64Of(body: Readable): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of body as AsyncIterable<Buffer>) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const whole = bytes.length - (bytes.length % 3);
    rest = bytes.subarray(whole);
    if (whole > 0) yield bytes.toString('base64', 0, whole);
  }
  if (rest.length > 0) yield rest.toString('base64');
}
