import type { Catalogue } from '@darkroom/shared/channels';
import type { ObjectStore } from '@darkroom/shared/images';
import type { BatchQueue, GenerationQueue } from '@darkroom/shared/queues';
import type { PartStore, Records, TaskId, TaskRecord } from '@darkroom/shared/tasks';
import type { Logger, Recorder } from '@darkroom/shared/telemetry';

/** All that upkeep stands on. */
export type UpkeepDeps = {
  records: Records;
  parts: PartStore;
  store: ObjectStore;
  /** a task that had ended although its record, from a Redis that went back in time, says otherwise */
  keptEnd: (id: TaskId) => Promise<TaskRecord | undefined>;
  /** whether a task may have been posted before by a time that Redis has forgotten */
  isDoubtful: (task: TaskRecord) => boolean;
  /** told of every task that has ended, at least once */
  noteEnd: (task: TaskRecord) => Promise<void>;
  batches: BatchQueue;
  catalogue: Catalogue;
  /** every channel's queue, by channel id */
  queues: ReadonlyMap<string, GenerationQueue>;
  retention: Retention;
  /** from one sweep to the next */
  sweepEveryMs: number;
  metrics: Recorder<'worker'>;
  logger: Logger;
  /** this process, for the records' history */
  workerId: string;
  /** whether the process is going: a sweep stops where it is */
  isClosing: () => boolean;
  /** ms since the epoch */
  now: () => number;
};

/** How long after a task's end all of it, and its record in Redis, are kept. */
export type Retention = { tasks_ms: number; records_ms: number };

/** Everything that a sweep may mend, and what is told of it. */
export const repairs = {
  jobs_added: 'open tasks had no job; their jobs were added again',
  batch_jobs_added: 'batches had no job; theirs were added again',
  tasks_expired: 'tasks had waited past their deadline; they were ended',
  jobs_pulled: 'waiting jobs had fallen behind everybody; they were put at the head',
  jobs_removed: 'jobs waited for tasks that have ended or gone; they were removed',
  manifests_written: 'ended tasks had no manifest; theirs were written',
  records_archived: 'records were past their retention; their manifests answer from now on',
  tasks_removed: 'tasks were past their retention; all of them was removed',
  batches_removed: 'batches were past their retention; all of them is removed',
  batch_removals_resumed: 'removed batches had no job; theirs were added again',
  files_removed: 'files of batches were past their retention; they were removed',
  removals_finished: 'removed tasks had left objects in storage; they were removed',
  folders_removed: 'folders in storage belonged to no task and no file; they were removed',
  half_files_removed: 'files were left half-written by processes that died; they were removed',
  orphans_forgotten: 'orphan upstream tasks were listed long ago; they were forgotten',
  duplicates_forgotten: 'possible duplicates were listed long ago; they were forgotten',
} as const;

export type Repair = keyof typeof repairs;

/** What a duty, or a whole sweep, has mended. */
export type Repairs = Partial<Record<Repair, number>>;

/** One thing that a sweep looks after. Doing it twice, or in two processes at once, is doing it once. */
export type Duty = (deps: UpkeepDeps) => Promise<Repairs>;
