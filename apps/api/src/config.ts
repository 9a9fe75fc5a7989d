import { type Catalogue, readCatalogue } from '@darkroom/shared/channels';
import { type Environment, readVariables } from '@darkroom/shared/config';
import { type EgressSurface, readSurface } from '@darkroom/shared/egress';
import { readSigningKeys, readStorageSettings, type SigningKey, type StorageSettings } from '@darkroom/shared/images';
import { type ClientKey, readAdminPassword, readClientKeys } from '@darkroom/shared/keys';
import { type RedisSettings, readRedisSettings, readTrustSettings, type TrustSettings } from '@darkroom/shared/redis';
import type { MetricsAddress } from '@darkroom/shared/telemetry';

/** All the API may be told. It never sees an upstream key. */
export type ApiConfig = {
  host: string;
  port: number;
  redis: RedisSettings;
  trust: TrustSettings;
  queuePrefix: string;
  catalogue: Catalogue;
  clients: ClientKey[];
  admin: { password: string | undefined; boardWrite: boolean };
  storage: StorageSettings;
  signing: { keys: SigningKey[]; baseUrl: string | undefined; lifetimeMs: number };
  references: EgressSurface;
  webhooks: EgressSurface;
  limits: { body_bytes: number; image_bytes: number; deadline_seconds: number };
  /** how long an entry that answers with pictures waits for them */
  syncWaitMs: number;
  /** how long ended tasks, batches and files are kept */
  retentionMs: number;
  drainMs: number;
  /** where metrics are served without a password, if anywhere */
  metricsAt: MetricsAddress | undefined;
  logLevel: string;
};

/** @throws ConfigError naming every bad variable at once, and no value */
export function readApiConfig(env: Environment, read?: (path: string) => string): ApiConfig {
  const { variables, faults, readJson } = readVariables(env, read);
  const config: ApiConfig = {
    host: variables.HOST,
    port: variables.PORT,
    redis: readRedisSettings(variables),
    trust: readTrustSettings(variables),
    queuePrefix: variables.QUEUE_PREFIX,
    catalogue: readCatalogue(variables, readJson, faults),
    clients: readClientKeys(variables, env, readJson, faults),
    admin: { password: readAdminPassword(variables.ADMIN_PASSWORD, faults), boardWrite: variables.ADMIN_BOARD_WRITE },
    storage: readStorageSettings(variables),
    signing: {
      keys: readSigningKeys(variables.SIGNING_KEYS, faults),
      baseUrl: variables.PUBLIC_BASE_URL,
      lifetimeMs: variables.FILE_URL_LIFETIME_SECONDS * 1000,
    },
    references: readSurface('reference', variables, faults),
    webhooks: readSurface('webhook', variables, faults),
    limits: {
      body_bytes: variables.MAX_BODY_BYTES,
      image_bytes: variables.MAX_IMAGE_BYTES,
      deadline_seconds: variables.DEADLINE_SECONDS,
    },
    metricsAt:
      variables.METRICS_PORT === undefined ? undefined : { host: variables.HOST, port: variables.METRICS_PORT },
    syncWaitMs: variables.SYNC_WAIT_SECONDS * 1000,
    retentionMs: variables.TASK_RETENTION_DAYS * 86_400_000,
    drainMs: variables.DRAIN_SECONDS * 1000,
    logLevel: variables.LOG_LEVEL,
  };
  faults.throwIfAny();
  return config;
}
