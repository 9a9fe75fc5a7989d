import type { Catalogue, Channel } from '@darkroom/shared/channels';
import type { ObjectStore, UrlSigner } from '@darkroom/shared/images';
import type { JobNews } from '@darkroom/shared/queues';
import type { OrphanFound, PartStore, TaskId, TaskRecord } from '@darkroom/shared/tasks';
import type { Logger, Recorder } from '@darkroom/shared/telemetry';
import type { UpstreamClient } from '@darkroom/shared/upstream';
import type { PollSchedule } from '../polling/pollSchedule.ts';
import type { Fetcher } from './fetchUrl.ts';
import type { Hand } from './hand.ts';
import type { Gate } from './submitGate.ts';

export type GenerationLimits = {
  max_attempts: number;
  max_starts: number;
  download_tries: number;
  max_result_bytes: number;
  max_image_bytes: number;
  not_found_grace_ms: number;
  retry_backoff_ms: number;
};

/** All that the work on generation jobs of one channel stands on; clock and chance are among it. */
export type GenerationDeps = {
  /** the channel whose queue is worked on */
  channelId: string;
  parts: PartStore;
  catalogue: Catalogue;
  upstream: UpstreamClient;
  gate: Gate;
  /** a task that had ended although its record, from a Redis that went back in time, says otherwise */
  keptEnd: (id: TaskId) => Promise<TaskRecord | undefined>;
  /** whether what is posted for a task may have been posted before by a time that Redis has forgotten */
  isDoubtful: (task: TaskRecord) => boolean;
  /** a channel that serves the part and takes submissions now, besides the one it is in; undefined when there is none */
  openElsewhere: (hand: Hand) => Promise<Channel | undefined>;
  /** adds the job of a part to another channel's queue */
  addJob: (channelId: string, task: TaskRecord, part: number) => Promise<void>;
  /** lists an upstream task that nobody will fetch, and that may be charged all the same */
  listOrphan: (orphan: OrphanFound) => Promise<void>;
  /** shows on Bull Board what is new of a job of this channel's queue */
  showJob: (jobId: string, news: JobNews) => Promise<void>;
  /** told of every task that was submitted for the first time, at least once */
  noteStart: (task: TaskRecord) => Promise<void>;
  /** told when a part of a task has come further */
  noteProgress: (task: TaskRecord, part: number, percent: number) => Promise<void>;
  /** told of every task that has ended, at least once */
  noteEnd: (task: TaskRecord) => Promise<void>;
  /** when running tasks are asked for */
  schedule: PollSchedule;
  store: ObjectStore;
  signer: UrlSigner;
  fetchResult: Fetcher;
  fetchReference: Fetcher;
  limits: GenerationLimits;
  metrics: Recorder<'worker'>;
  logger: Logger;
  /** this process, for the records' history */
  workerId: string;
  /** whether the process is going: jobs are handed back instead of begun */
  isClosing: () => boolean;
  /** ms since the epoch */
  now: () => number;
  /** monotonic ms */
  monotonic: () => number;
  /** waits; an abort of the signal ends the wait with a `Stop` */
  pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** a number in [0, 1) */
  random: () => number;
};
