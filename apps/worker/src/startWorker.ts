import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Channel } from '@darkroom/shared/channels';
import { openStore, urlSigner } from '@darkroom/shared/images';
import { generationQueue } from '@darkroom/shared/queues';
import { connectRedis, keyNames } from '@darkroom/shared/redis';
import { partStore } from '@darkroom/shared/tasks';
import type { Logger } from '@darkroom/shared/telemetry';
import { upstreamClient } from '@darkroom/shared/upstream';
import type { WorkerConfig } from './config.ts';
import { createFetcher } from './generation/fetchUrl.ts';
import { otherChannels } from './generation/otherChannels.ts';
import { growingSchedule } from './generation/pollSchedule.ts';
import { generationProcessor } from './generation/processor.ts';
import { pause } from './generation/stop.ts';
import { SubmitGate } from './generation/submitGate.ts';
import { startGenerationWorker } from './queue/generationWorker.ts';

/** A picture's download may take this long in all; at 64 MiB that is a slow 200 KB/s. */
const downloadMaxMs = 300_000;

export type RunningWorker = {
  /** Hands every job back to its queue, so that the next worker goes on with the same upstream tasks. */
  close(): Promise<void>;
};

/**
 * Starts working on every channel's queue.
 * @param onWedged  told when a channel's worker makes no progress any more: the process should end
 */
export async function startWorker(
  config: WorkerConfig,
  logger: Logger,
  onWedged: (channelId: string) => void,
): Promise<RunningWorker> {
  const redis = await connectRedis(config.redis, 'wait', (error) => logger.warn({ err: error.message }, 'redis'));
  const keys = keyNames(config.queuePrefix);
  const records = { redis, keys };
  const store = await openStore(config.storage);
  await store.check();
  const now = Date.now;
  const signer = urlSigner(config.signing.keys, { ...config.signing, now });
  const fetchResult = createFetcher(config.results, config.timeouts, downloadMaxMs);
  const fetchReference = createFetcher(config.references, config.timeouts, downloadMaxMs);
  const workerId = `${hostname().slice(0, 24)}-${process.pid}-${randomUUID().slice(0, 8)}`;
  const upstreams = new Map(config.catalogue.channels.map((channel) => [channel.id, openUpstream(config, channel)]));
  const queues = new Map(config.catalogue.channels.map(({ id }) => [id, generationQueue(id, redis, keys)]));
  const elsewhere = otherChannels(records, config.catalogue, queues, now);
  let closing = false;
  const startOne = (channel: Channel) =>
    startGenerationWorker(
      { ...config, channel, redis, keys, logger, onWedged: () => onWedged(channel.id) },
      (leaseHolds) =>
        generationProcessor(
          {
            ...config,
            parts: partStore(records),
            upstream: upstreams.get(channel.id)!,
            ...elsewhere,
            channelId: channel.id,
            gate: new SubmitGate(
              records,
              channel,
              config.circuit,
              config.timeouts.connect_ms + config.timeouts.headers_ms,
            ),
            schedule: growingSchedule(config.polling),
            store,
            signer,
            fetchResult,
            fetchReference,
            logger,
            workerId,
            isClosing: () => closing,
            now,
            monotonic: () => performance.now(),
            pause,
            random: Math.random,
          },
          leaseHolds,
        ),
    );
  const workers = await Promise.all(config.catalogue.channels.map(startOne));
  return {
    async close() {
      closing = true;
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all([
        fetchResult.close(),
        fetchReference.close(),
        ...[...upstreams.values()].map((u) => u.close()),
      ]);
      redis.disconnect();
    },
  };
}

function openUpstream(config: WorkerConfig, channel: Channel) {
  return upstreamClient({
    channel,
    api_key: config.upstreamKeys.get(channel.id)!,
    timeouts: config.timeouts,
    // An answer may hold every picture of a submission as base64.
    answer_bytes_max: Math.ceil((config.limits.max_result_bytes * 4) / 3) + 2 ** 20,
    now: Date.now,
  });
}
