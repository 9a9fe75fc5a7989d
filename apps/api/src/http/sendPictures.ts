import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TaskFailed } from '@darkroom/shared/errors';
import type { ObjectStore } from '@darkroom/shared/images';
import type { StoredImage } from '@darkroom/shared/tasks';
import type { Response } from 'express';

/** Stands in a JSON value where a stored picture's bytes are to be, as base64. */
export class Base64Of {
  readonly image: StoredImage;

  constructor(image: StoredImage) {
    this.image = image;
  }
}

/** What an answer is made of: text as it is, and values as JSON. */
export type Parts = readonly (string | object)[];

/**
 * Answers with pictures within text, streamed from storage: no picture is ever wholly in memory.
 * @param mediaType  of the whole
 * @throws TaskFailed `result_unavailable` when storage no longer has a picture
 */
export async function sendPictures(res: Response, store: ObjectStore, mediaType: string, parts: Parts): Promise<void> {
  const pieces = parts.flatMap((part) => (typeof part === 'string' ? [part] : piecesOf(part)));
  const bodies: Readable[] = [];
  let length = 0;
  for (const piece of pieces) {
    length += typeof piece === 'string' ? Buffer.byteLength(piece) : 4 * Math.ceil(piece.bytes / 3);
    if (typeof piece !== 'string') bodies.push(await openPicture(store, piece.key));
  }
  res.set({ 'content-type': `${mediaType}; charset=utf-8`, 'content-length': String(length) });
  try {
    await pipeline(textOf(pieces, bodies), res);
  } catch (error) {
    for (const body of bodies) body.destroy();
    // The client hung up, or storage broke in mid-picture: the answer has begun, and its length says that it is cut off.
    if (!res.headersSent) throw error;
    res.destroy();
  }
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
