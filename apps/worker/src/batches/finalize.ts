import { Readable } from 'node:stream';
import {
  type Batch,
  type BatchId,
  changeBatch,
  type FileId,
  fileIdOf,
  fileKey,
  keepFile,
} from '@darkroom/shared/batches';
import type { BatchDeps } from './deps.ts';
import { answersOf, type LineAnswer } from './lineAnswers.ts';

/**
 * Writes what came of every line, those that ended well into one file and the others into another, and ends the batch.
 * The files are streams, and have ids of the batch's: doing it again after a crash writes the same.
 */
export async function finalize(deps: BatchDeps, batch: Batch): Promise<void> {
  const output_file_id = await writeFile(deps, batch, 'output', (answer) => answer.ok);
  const error_file_id = await writeFile(deps, batch, 'error', (answer) => !answer.ok);
  const change =
    batch.status === 'cancelling' ? 'end_canceled' : batch.stopped === 'batch_expired' ? 'expire' : 'complete';
  const id = batch.id as BatchId;
  const failed = batch.total - batch.completed;
  await changeBatch(deps.records, id, change, deps.now(), { output_file_id, error_file_id, failed });
}

/** @returns the file's id, or undefined when there is nothing to stand in it */
async function writeFile(
  deps: BatchDeps,
  batch: Batch,
  what: 'output' | 'error',
  belongs: (answer: LineAnswer) => boolean,
): Promise<FileId | undefined> {
  const expected = what === 'output' ? batch.completed : batch.total - batch.completed;
  if (expected === 0) return undefined;
  const id = fileIdOf(batch.id as BatchId, what);
  let bytes = 0;
  async function* text() {
    for await (const answer of answersOf(deps, batch)) {
      if (!belongs(answer)) continue;
      for await (const piece of answer.pieces()) {
        bytes += Buffer.byteLength(piece);
        yield piece;
      }
    }
  }
  await deps.store.put(fileKey(id), Readable.from(text(), { objectMode: false }), 'application/jsonl');
  await keepFile(deps.records, {
    id,
    key_id: batch.key_id,
    filename: `${batch.id}_${what}.jsonl`,
    purpose: 'batch_output',
    bytes,
    created_at_ms: deps.now(),
  });
  return id;
}
