import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** What is known of a file's content: `sha256` is hex. */
export interface Content {
  bytes: number;
  sha256: string;
}

/** Redis writes some kilobytes at a time; larger pieces only spare calls. */
const pieceBytes = 2 ** 20;

/** The file as it is now, whatever is added to it while it is read. */
async function* piecesOf(path: string): AsyncGenerator<Buffer> {
  const { size } = await stat(path);
  if (size > 0) yield* createReadStream(path, { end: size - 1, highWaterMark: pieceBytes });
}

/** @throws when the file cannot be read, or changes its length meanwhile; the reason of the signal */
export async function contentOf(path: string, signal?: AbortSignal): Promise<Content> {
  const digest = createHash('sha256');
  let bytes = 0;
  for await (const piece of piecesOf(path)) {
    signal?.throwIfAborted();
    digest.update(piece);
    bytes += piece.length;
  }
  return { bytes, sha256: digest.digest('hex') };
}

/**
 * Writes a new file, readable to this user alone, and brings it to the disk.
 * @throws when it is there already; the reason of the signal
 */
export async function writeNew(
  path: string,
  pieces: AsyncIterable<Uint8Array | string>,
  signal?: AbortSignal,
): Promise<Content> {
  const digest = createHash('sha256');
  let bytes = 0;
  async function* counted() {
    for await (const piece of pieces) {
      const buffer = Buffer.from(piece);
      digest.update(buffer);
      bytes += buffer.length;
      yield buffer;
    }
  }
  await pipeline(counted, createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }), { signal });
  return { bytes, sha256: digest.digest('hex') };
}

/**
 * Copies a file to a new one.
 * @param through  what becomes of its bytes on the way
 */
export function copyFile(
  from: string,
  to: string,
  signal?: AbortSignal,
  through: (pieces: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array> = (pieces) => pieces,
): Promise<Content> {
  return writeNew(to, through(piecesOf(from)), signal);
}
