import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSimulator, type Simulator } from '@darkroom/simulator';
import getPort from 'get-port';
import { s3Server } from '../../../packages/shared/src/images/storage/testing/s3Server.ts';
import { type Link, openLink } from '../../world/link.ts';
import type { History } from '../history/history.ts';
import type { Mutant } from '../mutants/mutants.ts';
import { type LyingStorage, startLyingStorage } from './lyingStorage.ts';
import { type RedisPair, startRedisPair } from './redisPair.ts';
import { openSlot, type Slot } from './slot.ts';

/** The whole product under a storm: every process and every link between two of them is the storm's to break. */
export type House = {
  history: History;
  redis: RedisPair;
  upstream: Simulator;
  apis: Slot[];
  workers: Slot[];
  urls: string[];
  links: { workerRedis: Link; apiRedis: Link; upstream: Link; storage: Link };
  storage: LyingStorage & { objects: string };
  keys: Record<'alice' | 'bob' | 'carol', string>;
  prefix: string;
  secrets: string[];
  admin: string;
  lockMs: number;
  /** writes the channels again, without those; processes read them as they start */
  withoutChannel(id: string): Promise<void>;
  /** takes an API key away from the next start of the APIs on */
  revoke(who: 'carol'): void;
  close(): Promise<void>;
};

export type HouseOptions = {
  history: History;
  seed: number;
  random: () => number;
  mutant: Mutant | undefined;
  lockSeconds: number;
};

const secret = (head: string) => head + randomBytes(24).toString('hex');

/** Makes an upstream ask for a pause of ten years, of one channel alone. */
export const patientModel = 'NanoBanana2-4K';
/** Served by a channel that is removed in flight. */
export const doomedModel = 'NanoBananaPro-1K';
export const models = ['NanoBanana', 'NanoBanana2-1K'] as const;

export async function openHouse({ history, seed, random, mutant, lockSeconds }: HouseOptions): Promise<House> {
  const redis = await startRedisPair();
  const keys = { alice: secret('sk-alice-'), bob: secret('sk-bob-'), carol: secret('sk-carol-') };
  const [upstreamKey, admin, signing] = [secret('sk-upstream-'), secret('admin-'), secret('')];
  const upstream = createSimulator({
    ...{ picture: 'tiny', seed, keys: [upstreamKey] },
    behaviour: { duration: 'lognormal:1500:0.5', accept_key: 'off' },
  });
  await upstream.listen();
  const dir = await mkdtemp(join(tmpdir(), 'darkroom-chaos-'));
  const s3 = await s3Server(dir, 'pictures');
  const lying = await startLyingStorage(new URL(s3.url).host, random);
  const links = {
    workerRedis: await openLink(`127.0.0.1:${redis.main.port}`),
    apiRedis: await openLink(`127.0.0.1:${redis.main.port}`),
    upstream: await openLink(new URL(upstream.url).host),
    storage: await openLink(lying.address),
  };
  const channelsFile = join(dir, 'channels.json');
  const writeChannels = (without?: string) => writeFile(channelsFile, JSON.stringify(channelsOf(links, without)));
  await writeChannels();
  const prefix = `chaos${randomBytes(4).toString('hex')}`;
  const preload = fileURLToPath(new URL('./preload.ts', import.meta.url));
  const imports = [preload, ...(mutant ? [fileURLToPath(new URL('../mutants/hook.ts', import.meta.url))] : [])];
  const apiKeys = (without?: string) =>
    Object.entries(keys)
      .filter(([who]) => who !== without)
      .map(([who, key]) => `${who}:${key}`)
      .join();
  const common = {
    ...environment(lockSeconds),
    NODE_OPTIONS: imports.map((path) => `--import=${path}`).join(' '),
    CHAOS_BLOCK_MS: String(lockSeconds * 4000),
    CHAOS_MUTANT: mutant ?? '',
    QUEUE_PREFIX: prefix,
    API_KEYS: apiKeys(),
    ADMIN_PASSWORD: admin,
    SIGNING_KEYS: `chaos:${signing}`,
    CHANNELS_FILE: channelsFile,
    UPSTREAM_KEY: upstreamKey,
    STORAGE_S3_BUCKET: 'pictures',
    STORAGE_S3_ACCESS_KEY_ID: 'chaos',
    STORAGE_S3_SECRET_ACCESS_KEY: secret('s3-'),
  };
  const ports = [await getPort(), await getPort()];
  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  const ofApi = { REDIS_URL: `redis://${links.apiRedis.address}`, STORAGE_S3_ENDPOINT: s3.url };
  const ofWorker = {
    REDIS_URL: `redis://${links.workerRedis.address}`,
    STORAGE_S3_ENDPOINT: `http://${links.storage.address}`,
    PUBLIC_BASE_URL: urls[0]!,
  };
  const apis = ports.map((port, i) =>
    openSlot(`api${i}`, 'api', { ...common, ...ofApi, PUBLIC_BASE_URL: urls[0]!, PORT: String(port) }, history),
  );
  const workers = [0, 1].map((i) => openSlot(`worker${i}`, 'worker', { ...common, ...ofWorker }, history));
  await Promise.all([...apis, ...workers].map((slot) => slot.ready()));
  return {
    ...{ history, redis, upstream, apis, workers, urls, links, keys, prefix, admin },
    storage: { ...lying, objects: join(dir, 'objects') },
    secrets: [...Object.values(keys), upstreamKey, admin, signing, common.STORAGE_S3_SECRET_ACCESS_KEY],
    lockMs: lockSeconds * 1000,
    withoutChannel: writeChannels,
    revoke: (who) => {
      for (const api of apis) api.set({ API_KEYS: apiKeys(who) });
    },
    async close() {
      await Promise.all([...apis, ...workers].map((slot) => slot.close()));
      await Promise.all(Object.values(links).map((link) => link.close()));
      await lying.close();
      await s3.close();
      await upstream.close();
      await redis.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function channelsOf(links: House['links'], without: string | undefined) {
  const channel = (id: string, served: readonly string[]) => ({
    ...{ id, base_url: `http://${links.upstream.address}`, api_key_env: 'UPSTREAM_KEY' },
    ...{ max_in_flight: 60, submits_per_minute: 0 },
    models: served.map((model) => ({ id: model, price: '0.0390', max_n: 4 })),
  });
  const channels = [
    ...[channel('main', models), channel('second', models)],
    ...[channel('doomed', [doomedModel]), channel('patient', [patientModel])],
  ];
  return { currency: 'USD', channels: channels.filter(({ id }) => id !== without) };
}

/** What a storm needs to be quick about: everything the product does by the clock is made short in proportion. */
const environment = (lockSeconds: number) => ({
  LOCK_SECONDS: String(lockSeconds),
  STALLED_CHECK_SECONDS: String(lockSeconds * 0.3),
  SWEEP_INTERVAL_SECONDS: '2',
  POLL_MIN_SECONDS: '0.1',
  POLL_MAX_SECONDS: '1',
  RETRY_BACKOFF_SECONDS: '0.1',
  CIRCUIT_COOLDOWN_SECONDS: '0.5',
  DRAIN_SECONDS: '0.5',
  SYNC_WAIT_SECONDS: '20',
  UPSTREAM_HEADERS_TIMEOUT_SECONDS: '4',
  UPSTREAM_BODY_TIMEOUT_SECONDS: '3',
  UPSTREAM_RESULT_ALLOW_HTTP: 'true',
  UPSTREAM_RESULT_ALLOWED_CIDRS: '127.0.0.0/8',
  WEBHOOK_ALLOW_HTTP: 'true',
  WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8',
  WEBHOOK_SCHEDULE_SECONDS: '0,0.5,1,2,4,8,8,8,8',
  WEBHOOK_TIMEOUT_SECONDS: '3',
  NOT_FOUND_GRACE_SECONDS: '5',
  DEADLINE_SECONDS: '600',
  MAX_STARTS: '50',
  MAX_ATTEMPTS: '5',
  DOWNLOAD_TRIES: '20',
  LOG_LEVEL: 'info',
});
