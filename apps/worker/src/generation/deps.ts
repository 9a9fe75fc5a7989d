import type { Catalogue } from '@darkroom/shared/channels';
import type { ObjectStore, UrlSigner } from '@darkroom/shared/images';
import type { PartStore } from '@darkroom/shared/tasks';
import type { Logger } from '@darkroom/shared/telemetry';
import type { UpstreamClient } from '@darkroom/shared/upstream';
import type { Fetcher } from './fetchUrl.ts';
import type { PollSchedule } from './pollSchedule.ts';
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
  parts: PartStore;
  catalogue: Catalogue;
  upstream: UpstreamClient;
  gate: Gate;
  schedule: PollSchedule;
  store: ObjectStore;
  signer: UrlSigner;
  fetchResult: Fetcher;
  fetchReference: Fetcher;
  limits: GenerationLimits;
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
