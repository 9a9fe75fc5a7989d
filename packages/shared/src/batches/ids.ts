import { createHash } from 'node:crypto';
import { newTaskId, type TaskId, taskIdFor } from '../tasks/index.ts';

export type BatchId = `batch_${string}`;
export type FileId = `file-${string}`;

const batchIdPattern = /^batch_[0-9a-z]{26}$/;
const fileIdPattern = /^file-[0-9a-z]{26}$/;

export const isBatchId = (text: string): text is BatchId => batchIdPattern.test(text);
export const isFileId = (text: string): text is FileId => fileIdPattern.test(text);

const random = () => newTaskId().slice('task_'.length);

export const newBatchId = (): BatchId => `batch_${random()}`;
export const newFileId = (): FileId => `file-${random()}`;

/** The batch that an idempotency key stands for; see `taskIdFor`. */
export const batchIdFor = (keyId: string, idempotencyKey: string): BatchId =>
  `batch_${taskIdFor(keyId, `batch\n${idempotencyKey}`).slice('task_'.length)}`;

/** A file that belongs to a batch has an id of the batch's: writing it twice is writing it once. */
export const fileIdOf = (batchId: BatchId, what: 'input' | 'output' | 'error'): FileId =>
  `file-${taskIdFor(batchId, what).slice('task_'.length)}`;

/** The task of a line: whoever expands the batch, however often, makes the same one. @param line  counted from 0 */
export const lineTaskId = (batchId: BatchId, line: number): TaskId => taskIdFor(batchId, String(line));

/** The id under which a line's answer stands in the output file. */
export const lineAnswerId = (batchId: BatchId, line: number): string =>
  `batch_req_${createHash('sha256').update(`${batchId}\n${line}`).digest('hex').slice(0, 24)}`;
