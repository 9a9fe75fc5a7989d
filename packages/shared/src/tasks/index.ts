export { archiveTask } from './archiveTask.ts';
export { cancelTask } from './cancelTask.ts';
export { type ChangeAnswer, changePart, type HeldPart, type PartChange } from './changePart.ts';
export { type Claim, claimPart } from './claimPart.ts';
export { createTask, type NewTask, recordOf } from './createTask.ts';
export { isDoubtful, mayBeForgotten } from './doubt.ts';
export {
  type Duplicate,
  duplicateOf,
  forgetDuplicates,
  type ListedDuplicate,
  readDuplicates,
} from './duplicates.ts';
export { fingerprintOf } from './fingerprint.ts';
export { isTaskId, jobIdOf, newTaskId, submissionKeyOf, type TaskId, taskIdFor, taskIdPattern } from './ids.ts';
export { keepTask } from './keepTask.ts';
export { type ListPosition, listTasks, type TaskFilter, type TaskPage } from './listTasks.ts';
export {
  forgetOrphans,
  type ListedOrphan,
  listOrphan,
  type Orphan,
  type OrphanFound,
  orphansOfCanceled,
  readOrphans,
} from './orphans.ts';
export { type Fields, jsonOfPairs } from './pairs.ts';
export { type PartStore, partStore } from './partStore.ts';
export { returnPlace, takePlace } from './places.ts';
export { costOf, type PublicTask, publicTask, times } from './publicTask.ts';
export { readFence, readHash, readTask } from './readTask.ts';
export {
  channelOf,
  type GenerationRequest,
  type InputImage,
  imagesOf,
  manifestKey,
  manifestOf,
  type Part,
  parseManifest,
  parseRecord,
  RecordTooNew,
  recordVersion,
  type StoredImage,
  type TaskRecord,
  unlessTooNew,
  type Webhook,
} from './record.ts';
export type { Records } from './records.ts';
export { releasePart } from './releasePart.ts';
export { removeEntries } from './removeEntries.ts';
export { isBeingRemoved, removeTask } from './removeTask.ts';
export { findSent, noteAnswered, noteSent } from './resends.ts';
export { restoreTask } from './restoreTask.ts';
export {
  finalStates,
  isFinalState,
  isFinalStatus,
  type PartState,
  partStates,
  type TaskStatus,
  type TransitionName,
  taskStatuses,
  transitions,
} from './transitions.ts';
export { confirmTask, withdrawTask } from './withdrawTask.ts';
