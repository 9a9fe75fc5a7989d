import { costOf, imagesOf, isFinalStatus, type Records, type TaskRecord } from '../tasks/index.ts';
import { unitsOf } from './batchRecord.ts';
import { endLine } from './batchStore.ts';
import type { BatchId } from './ids.ts';

/**
 * Counts the end of a task with the batch whose line it is; of any other task it does nothing. What may still be charged
 * counts as spent: a budget is never passed. Telling it twice is telling it once.
 */
export async function noteTaskEnd(records: Records, task: TaskRecord): Promise<void> {
  if (!task.batch || !isFinalStatus(task.status)) return;
  const images = imagesOf(task).length;
  const { actual, estimated } = costOf(task, images);
  await endLine(records, task.batch.id as BatchId, task.batch.line, {
    outcome: task.status === 'succeeded' ? 'completed' : 'failed',
    images,
    cost_units: unitsOf(actual ?? estimated),
  });
}
