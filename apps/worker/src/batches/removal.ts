import {
  type Batch,
  type BatchId,
  type FileId,
  fileIdOf,
  forgetBatch,
  forgetFile,
  lineTaskId,
  readBatch,
  readersOf,
} from '@darkroom/shared/batches';
import { removeGenerationJobs } from '@darkroom/shared/queues';
import { removeTask } from '@darkroom/shared/tasks';
import type { BatchDeps } from './deps.ts';

/** Tasks that are removed at once. */
const atOnce = 20;

/**
 * Removes all that there is of a removed batch: pictures, inputs, manifests and records of its tasks, its files, and at
 * last its record. Entering it again after a crash goes through all of it again, and finds less to do.
 * @throws when Redis or storage does not answer, or a task of it has not ended (a Redis that went back in time): its job
 *   comes back to it
 */
export async function removeRest(deps: BatchDeps, batch: Batch): Promise<'ended' | 'hand_back'> {
  for (let line = 0; line < batch.cursor_line; line += atOnce) {
    if (deps.isClosing()) return 'hand_back';
    // Whoever repeats an order under its idempotency key makes a new batch of the same id, once this one is forgotten.
    if ((await readBatch(deps.records, batch.id as BatchId))?.removed_at_ms === undefined) return 'ended';
    const count = Math.min(atOnce, batch.cursor_line - line);
    await Promise.all(Array.from({ length: count }, (_, i) => removeLine(deps, batch, line + i)));
  }
  await removeFiles(deps, batch);
  await forgetBatch(deps.records, batch);
  return 'ended';
}

async function removeLine({ records, queues, store, readTask, now }: BatchDeps, batch: Batch, line: number) {
  const id = lineTaskId(batch.id as BatchId, line);
  const task = await readTask(id);
  if (task) await removeGenerationJobs(queues.values(), task);
  // Also where there is no task any more: its pictures may still be there, of a removal that was broken off.
  const word = await removeTask(records, { id, key_id: batch.key_id }, now(), (folder) => store.removeFolder(folder));
  if (word === 'unfinished') throw new Error('a task of an ended batch has not ended; it is removed later');
}

/** The input file, unless it is another batch's too, and what came of it. */
async function removeFiles({ records, store }: BatchDeps, batch: Batch): Promise<void> {
  const { id, key_id, input_file_id } = batch;
  const files = [fileIdOf(id as BatchId, 'output'), fileIdOf(id as BatchId, 'error')];
  const { done: isAlone } = await readersOf(records, key_id, input_file_id).next();
  if (isAlone) files.push(input_file_id as FileId);
  for (const file of files) {
    await store.removeFolder(file);
    await forgetFile(records, { id: file, key_id });
  }
}
