import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { endsNoted, Headroom, taskReader } from '@darkroom/shared/admission';
import { lineBytesMax } from '@darkroom/shared/batches';
import { enabledModels } from '@darkroom/shared/channels';
import { type ObjectStore, openStore, urlSigner } from '@darkroom/shared/images';
import { batchQueue, deliveryQueue, generationQueue } from '@darkroom/shared/queues';
import {
  connectRedis,
  keptInMemory,
  keptOnDisk,
  keyNames,
  type RedisClient,
  readFullness,
  trustRedis,
  watchRestarts,
} from '@darkroom/shared/redis';
import { isFinalStatus, type Records, readTask, type TaskId } from '@darkroom/shared/tasks';
import { createMetrics, type Logger, type Metrics } from '@darkroom/shared/telemetry';
import { sealOf } from '@darkroom/shared/webhooks';
import type { Express } from 'express';
import { createApp } from './app.ts';
import type { ApiConfig } from './config.ts';
import { EventHub } from './events/hub.ts';
import { startMetrics } from './metrics/startMetrics.ts';
import { Waiters } from './waiting/waiters.ts';

export type RunningApi = {
  url: string;
  /** Fails readiness, serves on for the drain time, lets held requests go, and closes. */
  close(): Promise<void>;
};

/** A client may take this long to send its headers, and its whole request: a file of 200 MB over a slow line. */
const headersTimeoutMs = 15_000;
const requestTimeoutMs = 600_000;

/** Longer than the idle timeout of usual load balancers (60 s), so that they, not we, close idle connections. */
const keepAliveTimeoutMs = 65_000;

/** Listens before the app is there, since the port may be any free one, and the app must know it. Who comes early waits. */
async function openServer(config: ApiConfig) {
  const app = Promise.withResolvers<Express>();
  const server = createServer({ headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs }, (req, res) => {
    void app.promise.then((made) => made(req, res));
  });
  server.keepAliveTimeout = keepAliveTimeoutMs;
  await listen(server, config);
  return { server, serve: app.resolve };
}

/** Starts the API and resolves when it listens. */
export async function startApi(config: ApiConfig, logger: Logger): Promise<RunningApi> {
  const onError = (error: Error) => logger.warn({ err: error.message }, 'redis');
  const redis = await connectRedis(config.redis, 'answer_now', onError);
  const durability = await trustRedis(redis, config.trust);
  logger[durability.durable ? 'info' : 'warn'](durability, 'what this Redis would lose');
  const synced = config.trust.acknowledge === 'fsync' && (await connectRedis(config.redis, 'answer_synced', onError));
  const keys = keyNames(config.queuePrefix);
  const records = { redis, keys };
  const { server, serve } = await openServer(config);
  const url = reachableUrl(config.host, (server.address() as AddressInfo).port);
  const { channels } = config.catalogue;
  const queues = new Map(channels.map(({ id }) => [id, generationQueue(id, redis, keys)]));
  const metrics = createMetrics('api', [...queues.keys()]);
  const waiters = await openWaiters(records, metrics);
  const store = await openStore(config.storage);
  const { expose, stop } = await startMetrics(config, { records, queues, metrics, now: Date.now, logger });
  const deliveries = deliveryQueue(redis, keys);
  const events = new EventHub(redis, keys);
  let draining = false;
  const app = createApp({
    ...config,
    records,
    ...(await readers(records, store)),
    keep: synced ? keptOnDisk(redis, synced, keys.syncMark()) : keptInMemory(redis),
    acknowledge: config.trust.acknowledge,
    headroom: openHeadroom(redis),
    queues,
    metrics,
    noteLimited: () => metrics.add('darkroom_limited_requests_total', { limit: 'open_tasks' }),
    noteAccepted: (labels) => metrics.add('darkroom_tasks_accepted_total', labels),
    expose,
    models: enabledModels(config.catalogue),
    store,
    publicUrl: config.signing.baseUrl ?? url,
    bodyBytesMax: config.limits.body_bytes,
    batches: batchQueue(redis, keys),
    deliveries,
    events,
    seal: sealOf(config.signing.keys),
    noteEnd: endsNoted({ records, deliveries, retentionMs: config.retentionMs, now: Date.now }),
    lineBytesMax,
    waiters,
    signer: urlSigner(config.signing.keys, {
      ...config.signing,
      baseUrl: config.signing.baseUrl ?? url,
      now: Date.now,
    }),
    isDraining: () => draining,
    logger,
    now: Date.now,
  });
  serve(app);
  return {
    url,
    async close() {
      draining = true;
      await sleep(config.drainMs);
      waiters.close();
      events.close();
      stop();
      await closed(server);
      for (const connection of [redis, synced]) if (connection) connection.disconnect();
    },
  };
}

async function readers(records: Records, store: ObjectStore) {
  const restarts = await watchRestarts(records.redis, Date.now);
  return { readTask: taskReader(records, store, restarts), restored: restarts.restored };
}

function openHeadroom(redis: RedisClient): Headroom {
  return new Headroom(
    () => readFullness(redis),
    () => performance.now(),
  );
}

/** How often connections are looked at that have become idle: that of a stream does so only as it ends. */
const idleLookMs = 50;

/** Resolves once every answer that was begun is given. */
async function closed(server: Server): Promise<void> {
  const looks = setInterval(() => server.closeIdleConnections(), idleLookMs);
  await new Promise((resolve) => server.close(resolve));
  clearInterval(looks);
}

async function openWaiters(records: Records, metrics: Metrics<'api'>): Promise<Waiters> {
  const waiters = new Waiters(async (id) => {
    const task = await readTask(records, id as TaskId);
    return !task || isFinalStatus(task.status);
  }, metrics);
  await waiters.listen(records.redis, records.keys);
  return waiters;
}

/** Where this machine reaches the API: an address that means all of them is none to call. */
function reachableUrl(host: string, port: number): string {
  const called = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${called.includes(':') ? `[${called}]` : called}:${port}`;
}

function listen(server: Server, { port, host }: { port: number; host: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}
