export {
  type Batch,
  type BatchEndpoint,
  type BatchError,
  BatchOrder,
  type BatchStatus,
  batchEndpoints,
  batchStatuses,
  hasEnded,
  moneyOf,
  unitsOf,
} from './batchRecord.ts';
export {
  type BatchChange,
  changeBatch,
  countOpenLines,
  createBatch,
  endLine,
  type LineEnd,
  type LineReason,
  type LineToRelease,
  type NewBatch,
  openLines,
  readBatch,
  readReasons,
  releaseLines,
  stopBatch,
} from './batchStore.ts';
export { fileKey, forgetFile, keepFile, readFile, type StoredFile } from './files.ts';
export {
  type BatchId,
  batchIdFor,
  type FileId,
  fileIdOf,
  isBatchId,
  isFileId,
  lineAnswerId,
  lineTaskId,
  newBatchId,
  newFileId,
} from './ids.ts';
export { type InputDeps, InputGone, inputLines, lineBytesMax } from './inputLines.ts';
export { noteTaskEnd } from './noteTaskEnd.ts';
export { type Outcome, type OutcomeDeps, outcomesOf, releasedLines, type Standing, standingOf } from './outcomes.ts';
export { progressId } from './progress.ts';
export { type PublicBatch, publicBatch } from './publicBatch.ts';
export { type Line, LineTooLong, parseLine, type RequestLine, readLines } from './readLines.ts';
export { type FileReader, forgetBatch, readersOf, removeBatch } from './removeBatch.ts';
export { isOpen, opensAt, RunWindow } from './runWindow.ts';
