import { setTimeout as sleep } from 'node:timers/promises';
import { type AcceptDeps, type CancelDeps, Headroom, type ReadTask } from '@darkroom/shared/admission';
import { type BatchId, lineBytesMax } from '@darkroom/shared/batches';
import { enabledModels } from '@darkroom/shared/channels';
import { type ObjectStore, urlSigner } from '@darkroom/shared/images';
import type { GenerationQueue } from '@darkroom/shared/queues';
import { type Keep, readFullness } from '@darkroom/shared/redis';
import type { Records } from '@darkroom/shared/tasks';
import type { Logger, Recorder } from '@darkroom/shared/telemetry';
import type { WorkerConfig } from '../config.ts';
import type { BatchDeps } from './deps.ts';

type Common = {
  records: Records;
  queues: ReadonlyMap<string, GenerationQueue>;
  store: ObjectStore;
  keep: Keep;
  readTask: ReadTask;
  restored: AcceptDeps['restored'];
  noteEnd: CancelDeps['noteEnd'];
  announceBatch: (id: BatchId) => Promise<void>;
  metrics: Recorder<'worker'>;
  logger: Logger;
  isClosing: () => boolean;
  now: () => number;
};

/** What batches need of a worker: the door that tasks come in by, as an API has it, and what their output is made with. */
export function openBatchDeps(config: WorkerConfig, { announceBatch, ...common }: Common): BatchDeps {
  const { records, metrics, now } = common;
  const admission: AcceptDeps = {
    ...common,
    acknowledge: config.trust.acknowledge,
    headroom: new Headroom(
      () => readFullness(records.redis),
      () => performance.now(),
    ),
    catalogue: config.catalogue,
    models: enabledModels(config.catalogue),
    references: config.references,
    webhooks: config.webhooks,
    limits: { image_bytes: config.limits.max_image_bytes, deadline_seconds: config.deadlineSeconds },
    // Lines are bounded by their batch's window; the limit of a key's open tasks is for its requests.
    noteLimited: () => undefined,
    noteAccepted: ({ priority }) => metrics.add('darkroom_tasks_accepted_total', { dialect: 'batch', priority }),
  };
  // What stands in an output file is read long after: its URLs are good for as long as the pictures are kept.
  const { keys, baseUrl } = config.signing;
  const { urlOf } = urlSigner(keys, { baseUrl, lifetimeMs: config.retention.tasks_ms, now });
  return { ...common, admission, urlOf, announce: announceBatch, lineBytesMax, pause: async (ms) => sleep(ms) };
}
