import { cancelRecord, stopCanceled } from '@darkroom/shared/admission';
import { type Batch, type BatchId, endLine, lineTaskId, noteTaskEnd, openLines } from '@darkroom/shared/batches';
import { isFinalStatus } from '@darkroom/shared/tasks';
import type { BatchDeps } from './deps.ts';

/** Lines that are looked at in one go: the oldest are the likeliest to have ended unheard. */
const settleLines = 500;

/** Counts the ends of lines that nobody told of: the worker that ended their task died before it could. */
export async function settleEnded(deps: BatchDeps, batch: Batch): Promise<void> {
  const id = batch.id as BatchId;
  for (const line of (await openLines(deps.records, id)).slice(0, settleLines)) {
    const task = await deps.readTask(lineTaskId(id, line));
    if (task && isFinalStatus(task.status)) await noteTaskEnd(deps.records, task);
  }
}

/** Takes back what is queued of a batch that is to release nothing more. What is in flight goes on. */
export async function withdrawQueued(deps: BatchDeps, batch: Batch): Promise<void> {
  const id = batch.id as BatchId;
  for (const line of await openLines(deps.records, id)) {
    const task = await deps.readTask(lineTaskId(id, line));
    if (!task) {
      // Its worker died before it made the task: there is nothing to take back.
      const reason = { status_code: 400, code: batch.stopped ?? 'batch_cancelled', message: 'The line was not run.' };
      await endLine(deps.records, id, line, { outcome: 'failed', images: 0, cost_units: 0, reason });
    } else if (task.status === 'queued' && (await cancelRecord(deps, task, true)) === 'canceled') {
      await stopCanceled(deps, task);
    }
  }
}
