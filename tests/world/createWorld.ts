import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectRedis, keyNames } from '@darkroom/shared/redis';
import type { Records } from '@darkroom/shared/tasks';
import { createSimulator, type Simulator, type SimulatorOptions } from '@darkroom/simulator';
import { type Client, createClient } from './client.ts';
import { startProcess, type TestProcess } from './process.ts';
import { startTestRedis, type TestRedis } from './redis.ts';

/** The whole product in small: an upstream, Redis, storage, one API and one worker process, and clients. */
export type World = {
  env: Record<string, string>;
  upstream: Simulator;
  api: TestProcess & { url: string };
  worker: TestProcess;
  /** the client `alice`; `bob` is another one */
  client: Client;
  bob: Client;
  records: Records;
  storageDir: string;
  /** starts another worker, or one with other settings */
  startWorker(env?: Record<string, string>): Promise<TestProcess>;
  startApi(env?: Record<string, string | undefined>): Promise<TestProcess & { url: string }>;
  /** a client of one API process */
  clientOf(url: string, who?: 'alice' | 'bob'): Client;
  close(): Promise<void>;
};

export type WorldOptions = {
  /** further variables of both processes; they win */
  env?: Record<string, string>;
  simulator?: SimulatorOptions;
  redis?: Pick<TestRedis, 'url' | 'stop'>;
  /** the contents of `CHANNELS_FILE`, given the upstream's URL; the key of every channel is in `UPSTREAM_API_KEY` */
  channels?: (upstreamUrl: string) => object;
  queuePrefix?: string;
  /** runs when Redis and the upstream are there and no process of ours is yet */
  before?: (there: { redisUrl: string; upstream: Simulator }) => Promise<void>;
};

export const keys = { alice: secret('sk-alice-'), bob: secret('sk-bob-'), upstream: secret('sk-upstream-') };
export const adminPassword = secret('admin-');

/** Starts a world. Everything in it is new: no test sees another one's tasks. */
export async function createWorld({
  env = {},
  simulator = {},
  redis,
  channels,
  ...more
}: WorldOptions = {}): Promise<World> {
  const ownRedis = redis ?? (await startTestRedis());
  const upstream = createSimulator({ picture: 'tiny', seed: 1, keys: [keys.upstream], ...simulator });
  await upstream.listen();
  const storageDir = await mkdtemp(join(tmpdir(), 'darkroom-storage-'));
  const { queuePrefix = `t${randomBytes(6).toString('hex')}`, before } = more;
  const whole: Record<string, string> = { ...settings(ownRedis.url, upstream.url, storageDir, queuePrefix), ...env };
  if (channels) {
    whole.CHANNELS_FILE = join(storageDir, '..', `${queuePrefix}-channels.json`);
    await writeFile(whole.CHANNELS_FILE, JSON.stringify(channels(upstream.url)));
  }
  const startApi = async (more: Record<string, string | undefined> = {}) => {
    const api = await startProcess('api', { ...whole, ...more });
    const { url } = await api.logged('listening');
    return Object.assign(api, { url: String(url) });
  };
  const workers: TestProcess[] = [];
  const startWorker = async (more: Record<string, string> = {}) => {
    const worker = await startProcess('worker', { ...whole, ...more });
    workers.push(worker);
    return worker;
  };
  await before?.({ redisUrl: ownRedis.url, upstream });
  const api = await startApi();
  // Stored references reach the upstream by the API's own address.
  whole.PUBLIC_BASE_URL ??= api.url;
  const worker = await startWorker();
  const connection = await connectRedis(
    { url: ownRedis.url, cluster: whole.REDIS_CLUSTER === 'true' },
    'wait',
    () => undefined,
  );
  const apis = [api];
  return {
    env: whole,
    upstream,
    api,
    worker,
    client: createClient(() => api.url, keys.alice),
    bob: createClient(() => api.url, keys.bob),
    records: { redis: connection, keys: keyNames(queuePrefix) },
    storageDir,
    startWorker,
    async startApi(more) {
      const another = await startApi(more);
      apis.push(another);
      return another;
    },
    clientOf: (url, who = 'alice') => createClient(() => url, keys[who]),
    async close() {
      for (const process of [...apis, ...workers]) process.kill('SIGKILL');
      await Promise.all([...apis, ...workers].map((process) => process.exited));
      connection.disconnect();
      await upstream.close();
      if (!redis) await ownRedis.stop();
      await rm(storageDir, { recursive: true, force: true });
      if (whole.CHANNELS_FILE) await rm(whole.CHANNELS_FILE, { force: true });
    },
  };
}

function settings(redisUrl: string, upstreamUrl: string, storageDir: string, queuePrefix: string) {
  return {
    PORT: '0',
    REDIS_URL: redisUrl,
    QUEUE_PREFIX: queuePrefix,
    API_KEYS: `alice:${keys.alice},bob:${keys.bob}`,
    ADMIN_PASSWORD: adminPassword,
    SIGNING_KEYS: `test:${secret('')}`,
    STORAGE_DIR: storageDir,
    UPSTREAM_BASE_URL: upstreamUrl,
    UPSTREAM_API_KEY: keys.upstream,
    UPSTREAM_SUBMITS_PER_MINUTE: '0',
    UPSTREAM_PRICE_PER_IMAGE: '0.0390',
    UPSTREAM_RESULT_ALLOW_HTTP: 'true',
    UPSTREAM_RESULT_ALLOWED_CIDRS: '127.0.0.0/8',
    WEBHOOK_ALLOW_HTTP: 'true',
    WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8',
    WEBHOOK_SCHEDULE_SECONDS: '0,0.2,0.2,0.2',
    REFERENCE_ALLOW_HTTP: 'true',
    REFERENCE_ALLOWED_CIDRS: '127.0.0.0/8',
    // Tests wait for events; what the product does by the clock is made quick.
    POLL_TARGET_DELAY_SECONDS: '0.02',
    POLL_MIN_SECONDS: '0.02',
    POLL_MAX_SECONDS: '0.2',
    RETRY_BACKOFF_SECONDS: '0.05',
    CIRCUIT_COOLDOWN_SECONDS: '0.3',
    DRAIN_SECONDS: '0',
    LOG_LEVEL: 'debug',
  };
}

function secret(prefix: string): string {
  return prefix + randomBytes(32).toString('base64url');
}
