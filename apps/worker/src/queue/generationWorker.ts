import { setTimeout as sleep } from 'node:timers/promises';
import { type Channel, readCap } from '@darkroom/shared/channels';
import {
  couldStart,
  type GenerationJob,
  generationQueue,
  generationQueueName,
  setQueueCap,
} from '@darkroom/shared/queues';
import { type KeyNames, type RedisClient, subscribeSharded } from '@darkroom/shared/redis';
import type { Logger, Recorder } from '@darkroom/shared/telemetry';
import type { Job } from 'bullmq';
import { whenServed } from '../untilServed.ts';
import { errorLog } from './errorLog.ts';
import { watchLiveness } from './liveness.ts';
import { SteadyWorker } from './SteadyWorker.ts';

export type GenerationWorker = {
  /** Hands every job back and waits until all are. */
  close(): Promise<void>;
};

type Settings = {
  channel: Channel;
  redis: RedisClient;
  keys: KeyNames;
  concurrency: number;
  lockMs: number;
  stalledCheckMs: number;
  metrics: Recorder<'worker'>;
  logger: Logger;
  /** told when the worker has stopped making progress and never will again */
  onWedged: () => void;
};

type Process = (
  job: Job<GenerationJob>,
  token: string | undefined,
  signal: AbortSignal | undefined,
) => Promise<unknown>;

export type MakeProcessor = (leaseHolds: (jobId: string) => boolean) => Process;

/**
 * Works on a channel's queue. The queue's global concurrency is the channel's in-flight cap over all worker processes.
 * A cancel reaches a running job by our own publish: BullMQ cannot reach a job that is active elsewhere.
 */
export async function startGenerationWorker(
  settings: Settings,
  makeProcessor: MakeProcessor,
): Promise<GenerationWorker> {
  const { channel, redis, keys, metrics, logger } = settings;
  const queue = generationQueue(channel.id, redis, keys);
  const start = whenServed(logger, sleep);
  await start(async () =>
    setQueueCap(queue, redis, (await readCap({ redis, keys }, channel.id)) ?? channel.max_in_flight),
  );
  const process = countedInFlight(
    metrics,
    channel.id,
    makeProcessor((jobId) => worker.leases.holds(jobId)),
  );
  const worker = new SteadyWorker<GenerationJob>(
    generationQueueName(channel.id),
    (job, token, signal) => process(job, token, signal),
    {
      connection: redis,
      prefix: keys.queuePrefix(channel.id),
      // The channel's own cap is the queue's, and can be raised at run time.
      concurrency: settings.concurrency,
      lockDuration: settings.lockMs,
      stalledInterval: settings.stalledCheckMs,
      skipVersionCheck: true,
    },
    redis,
    keys.pulse(channel.id),
  );
  let starts = 0;
  worker.on('active', () => {
    starts++;
  });
  tellOf(worker, settings);
  const cancels = await subscribeSharded(redis, [keys.cancels(channel.id)], {
    hear: (_channel, jobId) => worker.cancelJob(jobId, 'canceled'),
  });
  const endWatch = watchLiveness(
    {
      fetches: () => worker.fetches(),
      starts: () => starts,
      isFull: () => worker.isFull(),
      couldStart: () => couldStart(queue),
    },
    settings.onWedged,
  );
  worker.run().catch((error: Error) => logger.fatal({ channel: channel.id, err: error.message }, 'worker stopped'));
  return {
    async close() {
      endWatch();
      worker.cancelAllJobs('closing');
      await worker.close();
      cancels.close();
    },
  };
}

/** Logs and counts what BullMQ tells of a worker's jobs. */
function tellOf(worker: SteadyWorker<GenerationJob>, { channel, metrics, logger }: Settings): void {
  worker.on('error', errorLog(logger, 'worker error', { channel: channel.id }));
  worker.on('failed', (job, error) => {
    metrics.add('darkroom_job_failures_total', { channel: channel.id });
    logger.error({ channel: channel.id, job: job?.id, err: error.message }, 'job failed');
  });
  worker.on('stalled', (jobId) => {
    metrics.add('darkroom_jobs_taken_over_total', { channel: channel.id });
    logger.warn({ channel: channel.id, job: jobId }, 'job of a dead worker taken over');
  });
}

/** Shows at any time how many jobs are worked on. */
function countedInFlight(metrics: Recorder<'worker'>, channel: string, process: Process): Process {
  let count = 0;
  const show = (more: number) => {
    count += more;
    metrics.set('darkroom_jobs_in_flight', { channel }, count);
  };
  show(0);
  return async (job, token, signal) => {
    show(1);
    try {
      return await process(job, token, signal);
    } finally {
      show(-1);
    }
  };
}
