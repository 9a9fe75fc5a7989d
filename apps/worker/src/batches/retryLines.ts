import { Readable } from 'node:stream';
import {
  type Batch,
  type BatchId,
  type FileId,
  fileKey,
  inputLines,
  keepFile,
  outcomesOf,
  readBatch,
  type Standing,
  standingOf,
} from '@darkroom/shared/batches';
import type { BatchDeps } from './deps.ts';

/** The batch whose failed lines are to be run again is not there any more. */
export class ParentGone extends Error {
  override name = 'ParentGone';
}

/** A line whose task was removed may have succeeded: it is not paid for again. */
const again: readonly Standing[] = ['failed', 'canceled', 'not_run'];

/**
 * Writes the input file of a retry: the lines of its parent that failed, were canceled or were not run, as they stand
 * there. The file appears whole or not at all, so that doing it again after a crash goes on or does nothing.
 * @throws ParentGone; InputGone when the parent's own input file is not there; when Redis or storage does not answer
 */
export async function keepRetryLines(deps: BatchDeps, batch: Batch): Promise<void> {
  const id = batch.input_file_id as FileId;
  const key = fileKey(id);
  if (!(await deps.store.stat(key))) {
    const parent = await readBatch(deps.records, batch.parent_id as BatchId);
    if (!parent || parent.removed_at_ms !== undefined) throw new ParentGone('the parent is gone');
    await deps.store.put(key, Readable.from(failedLines(deps, parent), { objectMode: false }), 'application/jsonl');
  }
  const { bytes } = (await deps.store.stat(key)) ?? { bytes: 0 };
  const filename = `${batch.id}_input.jsonl`;
  await keepFile(deps.records, {
    id,
    key_id: batch.key_id,
    filename,
    purpose: 'batch',
    bytes,
    created_at_ms: deps.now(),
  });
}

async function* failedLines(deps: BatchDeps, parent: Batch): AsyncGenerator<string> {
  for await (const { given, outcome } of outcomesOf(deps, parent, inputLines(deps, parent))) {
    // A byte order mark is the file's, not the line's.
    if (again.includes(standingOf(parent, outcome))) yield `${given.text.replace(/^\uFEFF/, '')}\n`;
  }
}
