import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { beginsNoted, endsNoted, taskReader } from '@darkroom/shared/admission';
import type { Channel } from '@darkroom/shared/channels';
import { openStore, urlSigner } from '@darkroom/shared/images';
import {
  batchQueue,
  batchQueueName,
  deliveryQueue,
  deliveryQueueName,
  generationQueue,
  generationQueueName,
  showJob,
  upkeepQueueName,
} from '@darkroom/shared/queues';
import { type Restored, watchRestarts } from '@darkroom/shared/redis';
import {
  isDoubtful as isTaskDoubtful,
  listOrphan,
  partStore,
  type Records,
  type TaskRecord,
} from '@darkroom/shared/tasks';
import { countOrphan, createMetrics, type Logger, type Metrics, serveMetrics } from '@darkroom/shared/telemetry';
import { upstreamClient } from '@darkroom/shared/upstream';
import { batchEnds } from './batches/batchEnds.ts';
import { openBatchDeps } from './batches/openBatchDeps.ts';
import { startBatches } from './batches/startBatches.ts';
import type { WorkerConfig } from './config.ts';
import { openDeliveryDeps } from './deliveries/openDeliveryDeps.ts';
import { startDeliveries } from './deliveries/startDeliveries.ts';
import type { GenerationDeps } from './generation/deps.ts';
import { createFetcher } from './generation/fetchUrl.ts';
import { keptEnds } from './generation/keptEnds.ts';
import { otherChannels } from './generation/otherChannels.ts';
import { generationProcessor } from './generation/processor.ts';
import { pause } from './generation/stop.ts';
import { SubmitGate } from './generation/submitGate.ts';
import { openRecords } from './openRecords.ts';
import { openSchedule } from './polling/openSchedule.ts';
import { startGenerationWorker } from './queue/generationWorker.ts';
import { startUpkeep } from './upkeep/startUpkeep.ts';

/** A picture's download may take this long in all; at 64 MiB that is a slow 200 KB/s. */
const downloadMaxMs = 300_000;

export type WorkerEnds = {
  /** the worker of a queue makes no progress any more */
  onWedged: (queue: string) => void;
  /** Redis was restored from a backup: all that this process holds is of another time */
  onRestored: (restored: Restored) => void;
};

export type RunningWorker = {
  /** Hands every job back to its queue, so that the next worker goes on with the same upstream tasks. */
  close(): Promise<void>;
};

/**
 * Starts working on every channel's queue.
 * @param ends  told why the process should end at once, so that another one takes over
 */
export async function startWorker(config: WorkerConfig, logger: Logger, ends: WorkerEnds): Promise<RunningWorker> {
  const { records, parts, keep, disconnect } = await openRecords(config, logger);
  const { redis, keys } = records;
  const store = await openStore(config.storage);
  await store.check();
  const now = Date.now;
  const signer = urlSigner(config.signing.keys, { ...config.signing, now });
  const workerId = `${hostname().slice(0, 24)}-${process.pid}-${randomUUID().slice(0, 8)}`;
  const { upstreams, fetchers, hangUp } = openOutside(config);
  const queues = new Map(config.catalogue.channels.map(({ id }) => [id, generationQueue(id, redis, keys)]));
  const elsewhere = otherChannels(records, config.catalogue, queues, now);
  const restarts = await watchRestarts(redis, now, ends.onRestored);
  const restored = await restarts.restored();
  const metrics = createMetrics('worker', [...queues.keys()]);
  let closing = false;
  const isClosing = () => closing;
  const keptEnd = keptEnds(records, store, restarts);
  const deliveries = deliveryQueue(redis, keys);
  const telling = { records, deliveries, retentionMs: config.retention.tasks_ms, now };
  const noteEnd = endsNoted(telling);
  // For as long as this process lives: it ends when it meets another time.
  const isDoubtful = (task: TaskRecord) => isTaskDoubtful(task, restored);
  const common = { ...config, store, keptEnd, isDoubtful, noteEnd, metrics, logger, workerId, isClosing, now };
  const wedged = (queue: string) => () => ends.onWedged(queue);
  const schedule = openSchedule(config.polling, { ...records, logger, random: Math.random });
  const startOne = (channel: Channel) =>
    startGenerationWorker(
      { ...config, channel, redis, keys, metrics, logger, onWedged: wedged(generationQueueName(channel.id)) },
      (leaseHolds) =>
        generationProcessor(
          {
            ...common,
            parts,
            ...beginsNoted(telling),
            upstream: upstreams.get(channel.id)!,
            ...elsewhere,
            showJob: (jobId, news) => showJob(redis, queues.get(channel.id)!, jobId, news),
            listOrphan: orphanList(records, metrics, now),
            channelId: channel.id,
            gate: openGate(config, channel, records),
            schedule,
            signer,
            ...fetchers,
            ...chance,
          },
          leaseHolds,
        ),
    );
  const workers = await Promise.all(config.catalogue.channels.map(startOne));
  const batches = batchQueue(redis, keys);
  const tended = { ...common, parts: partStore(records), records, queues, batches };
  const upkeep = await startUpkeep(tended, { ...config, onWedged: wedged(upkeepQueueName) });
  const readTask = taskReader(records, store, restarts);
  const run = { ...common, ...restarts, records, queues, keep, readTask, announceBatch: batchEnds(telling) };
  const batchRunner = startBatches(openBatchDeps(config, run), config, wedged(batchQueueName));
  const told = openDeliveryDeps(config, { ...telling, ...common, readTask });
  const deliveryRunner = startDeliveries(told, config, wedged(deliveryQueueName));
  const stopServing = await serveMetrics({ at: config.metricsAt, expose: metrics.expose, logger });
  return {
    async close() {
      closing = true;
      await Promise.all([upkeep, batchRunner, deliveryRunner, ...workers].map((worker) => worker.close()));
      await hangUp();
      stopServing();
      disconnect();
    },
  };
}

/** Who is talked to outside: the upstream of each channel, and wherever results and references lie. */
function openOutside({ catalogue, results, references, timeouts, ...config }: WorkerConfig) {
  const upstreams = new Map(
    catalogue.channels.map((channel) => [channel.id, openUpstream({ timeouts, ...config }, channel)]),
  );
  const fetchers = {
    fetchResult: createFetcher(results, timeouts, downloadMaxMs),
    fetchReference: createFetcher(references, timeouts, downloadMaxMs),
  };
  const all = [...upstreams.values(), ...Object.values(fetchers)];
  return { upstreams, fetchers, hangUp: () => Promise.all(all.map((client) => client.close())) };
}

/** Lists orphans, and counts those that were not listed before. */
function orphanList(records: Records, metrics: Metrics<'worker'>, now: () => number): GenerationDeps['listOrphan'] {
  return async (orphan) => {
    const listed = await listOrphan(records, orphan, now());
    if (listed) countOrphan(metrics, listed);
  };
}

/** Waiting and drawing lots as they really are. */
const chance = { monotonic: () => performance.now(), pause, random: Math.random };

function openGate({ circuit, timeouts }: WorkerConfig, channel: Channel, records: Records): SubmitGate {
  return new SubmitGate(records, channel, circuit, timeouts.connect_ms + timeouts.headers_ms);
}

type UpstreamConfig = Pick<WorkerConfig, 'upstreamKeys' | 'timeouts' | 'limits'>;

function openUpstream(config: UpstreamConfig, channel: Channel) {
  return upstreamClient({
    channel,
    api_key: config.upstreamKeys.get(channel.id)!,
    timeouts: config.timeouts,
    // An answer may hold every picture of a submission as base64.
    answer_bytes_max: Math.ceil((config.limits.max_result_bytes * 4) / 3) + 2 ** 20,
    now: Date.now,
  });
}
