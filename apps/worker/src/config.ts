import { type Catalogue, type CircuitSettings, readCatalogue, readUpstreamKeys } from '@darkroom/shared/channels';
import { type Environment, readVariables } from '@darkroom/shared/config';
import { type EgressSurface, readSurface } from '@darkroom/shared/egress';
import { readSigningKeys, readStorageSettings, type SigningKey, type StorageSettings } from '@darkroom/shared/images';
import { type RedisSettings, readRedisSettings, readTrustSettings, type TrustSettings } from '@darkroom/shared/redis';
import type { MetricsAddress } from '@darkroom/shared/telemetry';
import type { UpstreamTimeouts } from '@darkroom/shared/upstream';
import type { DeliverySettings } from './deliveries/deps.ts';
import type { GenerationLimits } from './generation/deps.ts';
import type { PollingSettings } from './polling/openSchedule.ts';
import type { Retention } from './upkeep/deps.ts';

/** How soon another worker takes up what a dead one had: lock, and how often dead ones are looked for. */
export type Locks = { lockMs: number; stalledCheckMs: number };

/** All a worker may be told. */
export type WorkerConfig = Locks & {
  redis: RedisSettings;
  trust: TrustSettings;
  queuePrefix: string;
  catalogue: Catalogue;
  /** upstream key of each channel, by channel id */
  upstreamKeys: Map<string, string>;
  storage: StorageSettings;
  signing: { keys: SigningKey[]; baseUrl: string; lifetimeMs: number };
  results: EgressSurface;
  references: EgressSurface;
  webhooks: EgressSurface;
  delivery: DeliverySettings;
  timeouts: UpstreamTimeouts;
  circuit: CircuitSettings;
  polling: PollingSettings;
  limits: GenerationLimits;
  /** how long a task may take that says nothing of it */
  deadlineSeconds: number;
  concurrency: number;
  /** where metrics are served, if anywhere */
  metricsAt: MetricsAddress | undefined;
  sweepEveryMs: number;
  retention: Retention;
  logLevel: string;
};

/** @throws ConfigError naming every bad variable at once, and no value */
export function readWorkerConfig(env: Environment, read?: (path: string) => string): WorkerConfig {
  const { variables, faults, readJson } = readVariables(env, read);
  const catalogue = readCatalogue(variables, readJson, faults);
  const config: WorkerConfig = {
    redis: readRedisSettings(variables),
    trust: readTrustSettings(variables),
    queuePrefix: variables.QUEUE_PREFIX,
    catalogue,
    upstreamKeys: readUpstreamKeys(catalogue, env, faults),
    storage: readStorageSettings(variables),
    signing: {
      keys: readSigningKeys(variables.SIGNING_KEYS, faults),
      baseUrl: variables.PUBLIC_BASE_URL ?? `http://127.0.0.1:${variables.PORT}`,
      lifetimeMs: variables.FILE_URL_LIFETIME_SECONDS * 1000,
    },
    results: readSurface('upstream_result', variables, faults),
    references: readSurface('reference', variables, faults),
    webhooks: readSurface('webhook', variables, faults),
    delivery: {
      schedule_ms: variables.WEBHOOK_SCHEDULE_SECONDS.split(',').map((pause) => Number(pause) * 1000),
      timeout_ms: variables.WEBHOOK_TIMEOUT_SECONDS * 1000,
    },
    timeouts: {
      connect_ms: variables.UPSTREAM_CONNECT_TIMEOUT_SECONDS * 1000,
      headers_ms: variables.UPSTREAM_HEADERS_TIMEOUT_SECONDS * 1000,
      body_ms: variables.UPSTREAM_BODY_TIMEOUT_SECONDS * 1000,
    },
    circuit: {
      threshold: variables.CIRCUIT_FAILURES,
      cooldown_ms: variables.CIRCUIT_COOLDOWN_SECONDS * 1000,
      cooldown_max_ms: variables.CIRCUIT_COOLDOWN_SECONDS * 10_000,
    },
    polling: {
      schedule: variables.POLL_SCHEDULE,
      target_delay_ms: variables.POLL_TARGET_DELAY_SECONDS * 1000,
      bounds: { min_ms: variables.POLL_MIN_SECONDS * 1000, max_ms: variables.POLL_MAX_SECONDS * 1000 },
    },
    limits: {
      max_attempts: variables.MAX_ATTEMPTS,
      max_starts: variables.MAX_STARTS,
      download_tries: variables.DOWNLOAD_TRIES,
      max_result_bytes: variables.MAX_RESULT_BYTES,
      max_image_bytes: variables.MAX_IMAGE_BYTES,
      not_found_grace_ms: variables.NOT_FOUND_GRACE_SECONDS * 1000,
      retry_backoff_ms: variables.RETRY_BACKOFF_SECONDS * 1000,
    },
    deadlineSeconds: variables.DEADLINE_SECONDS,
    concurrency: variables.WORKER_CONCURRENCY,
    lockMs: variables.LOCK_SECONDS * 1000,
    stalledCheckMs: variables.STALLED_CHECK_SECONDS * 1000,
    sweepEveryMs: variables.SWEEP_INTERVAL_SECONDS * 1000,
    retention: {
      tasks_ms: variables.TASK_RETENTION_DAYS * 86_400_000,
      records_ms: variables.RECORD_RETENTION_HOURS * 3_600_000,
    },
    metricsAt:
      variables.METRICS_PORT === undefined ? undefined : { host: variables.HOST, port: variables.METRICS_PORT },
    logLevel: variables.LOG_LEVEL,
  };
  faults.throwIfAny();
  return config;
}
