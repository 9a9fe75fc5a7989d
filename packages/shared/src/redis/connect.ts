import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { Variables } from '../config/index.ts';
import { writeTogether } from './writeTogether.ts';

export type RedisClient = Redis | Cluster;

/** Where Redis is: one server, or several nodes of one cluster (`REDIS_URL` then lists them, comma-separated). */
export type RedisSettings = { url: string; cluster: boolean };

export function readRedisSettings(variables: Variables): RedisSettings {
  return { url: variables.REDIS_URL, cluster: variables.REDIS_CLUSTER };
}

/**
 * How a connection behaves while Redis is away.
 * - `answer_now`: for serving requests. A command fails within 1.5 s, and nothing is sent later behind the caller's
 *   back: the client must be told 503 while it still listens.
 * - `answer_synced`: the same for waiting for Redis' disk, up to two syncs of a second each.
 * - `wait`: for workers. A command waits as long as it takes; what is in flight goes on afterwards.
 */
export type Patience = 'answer_now' | 'answer_synced' | 'wait';

const answering: RedisOptions = {
  maxRetriesPerRequest: 0,
  enableOfflineQueue: false,
  commandTimeout: 1500,
  connectTimeout: 1000,
  retryStrategy: (times) => Math.min(50 * 2 ** times, 500),
};

const options: Record<Patience, RedisOptions> = {
  answer_now: answering,
  answer_synced: { ...answering, commandTimeout: 5000 },
  wait: {
    maxRetriesPerRequest: null,
    connectTimeout: 5000,
    retryStrategy: (times) => Math.min(50 * 2 ** times, 1000),
  },
};

/**
 * Opens a connection and waits until it is ready.
 * @param onError  told every connection error; without a listener ioredis would print them
 * @throws the last connection error when Redis is not ready within that time, by default 15 s
 */
export async function connectRedis(
  settings: RedisSettings,
  patience: Patience,
  onError: (error: Error) => void,
  withinMs = 15_000,
): Promise<RedisClient> {
  const client = createClient(settings, patience);
  if (client instanceof Cluster) client.on('+node', writeTogether);
  else writeTogether(client);
  client.on('error', onError);
  await ready(client, withinMs);
  return client;
}

function createClient({ url, cluster }: RedisSettings, patience: Patience): RedisClient {
  const urls = url.split(',').map((one) => one.trim());
  if (!cluster && urls.length === 1) return new Redis(urls[0]!, options[patience]);
  const { maxRetriesPerRequest, retryStrategy, ...redisOptions } = options[patience];
  const first = new URL(urls[0]!);
  return new Cluster(urls, {
    enableOfflineQueue: patience === 'wait',
    clusterRetryStrategy: (times) => Math.min(50 * 2 ** times, 1000),
    shardedSubscribers: true,
    redisOptions: {
      ...redisOptions,
      maxRetriesPerRequest: maxRetriesPerRequest ?? null,
      username: decodeURIComponent(first.username) || undefined,
      password: decodeURIComponent(first.password) || undefined,
      tls: first.protocol === 'rediss:' ? {} : undefined,
    },
  });
}

async function ready(client: RedisClient, withinMs: number): Promise<void> {
  if (client.status === 'ready') return;
  let lastError: Error | undefined;
  const remember = (error: Error) => {
    lastError = error;
  };
  client.on('error', remember);
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(lastError ?? new Error('Redis is not ready')), withinMs);
      client.once('ready', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  } catch (error) {
    client.disconnect();
    throw error;
  } finally {
    client.off('error', remember);
  }
}
