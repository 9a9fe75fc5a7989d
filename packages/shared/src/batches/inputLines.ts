import type { ObjectStore } from '../images/index.ts';
import type { Batch } from './batchRecord.ts';
import { fileKey } from './files.ts';
import { type Line, readLines } from './readLines.ts';

/** `lineBytesMax`: longest line of an input file, bytes. */
export type InputDeps = { store: ObjectStore; lineBytesMax: number };

/** A line may hold pictures as base64; a request over HTTP may be as long. */
export const lineBytesMax = 32 * 2 ** 20;

/** The input file is not in storage any more. */
export class InputGone extends Error {
  override name = 'InputGone';
}

/**
 * The lines of a batch's input file.
 * @param from  where to begin: a line's number and the byte at which it begins
 * @throws InputGone; LineTooLong; when storage does not answer
 */
export async function* inputLines(
  { store, lineBytesMax }: InputDeps,
  batch: Pick<Batch, 'input_file_id'>,
  from = { line: 0, byte: 0 },
): AsyncGenerator<Line> {
  const key = fileKey(batch.input_file_id);
  const info = await store.stat(key);
  if (!info) throw new InputGone('the input file is gone');
  if (from.byte >= info.bytes) return;
  const body = await store.open(key, from.byte > 0 ? { start: from.byte, end: info.bytes - 1 } : undefined);
  if (!body) throw new InputGone('the input file is gone');
  try {
    yield* readLines(body, from, lineBytesMax);
  } finally {
    // Whoever has read enough leaves the rest.
    body.destroy();
  }
}
