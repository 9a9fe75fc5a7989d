import { Cluster, type Redis } from 'ioredis';
import type { RedisClient } from './connect.ts';

export type Subscription = { close(): void };

type Listener = {
  /** told every message of the channels */
  hear(channel: string, message: string): void;
  /** told after every (re)subscription: what was published before it may have been missed */
  subscribed?(): void;
};

/**
 * Listens on sharded channels with a connection of its own, and subscribes again after every reconnect.
 * @throws when the first subscription fails
 */
export async function subscribeSharded(
  redis: RedisClient,
  channels: readonly string[],
  { hear, subscribed }: Listener,
): Promise<Subscription> {
  const subscriber = duplicate(redis);
  subscriber.on('error', () => undefined);
  subscriber.on('smessage', hear);
  // In a cluster the channels of one call must share a slot.
  const listen = () => Promise.all(channels.map((channel) => subscriber.ssubscribe(channel)));
  await listen();
  subscribed?.();
  subscriber.on('ready', () => {
    listen().then(subscribed, () => undefined);
  });
  return { close: () => subscriber.disconnect() };
}

/** A subscription whose channels come and go. */
export type SubscriptionOfMany = {
  /** Resolves once the channel is heard. @throws when Redis does not answer */
  add(channel: string): Promise<void>;
  remove(channel: string): void;
  close(): void;
};

/**
 * Listens on sharded channels that are added and removed, with one connection of its own. After every reconnect all of
 * them are subscribed to again.
 */
export function subscribeToMany(
  redis: RedisClient,
  { hear, resubscribed }: { hear(channel: string, message: string): void; resubscribed(): void },
): SubscriptionOfMany {
  const channels = new Set<string>();
  const subscriber = duplicate(redis);
  subscriber.on('error', () => undefined);
  subscriber.on('smessage', hear);
  let isFirst = true;
  subscriber.on('ready', () => {
    if (isFirst) {
      isFirst = false;
      return;
    }
    Promise.all([...channels].map((channel) => subscriber.ssubscribe(channel))).then(resubscribed, () => undefined);
  });
  return {
    async add(channel) {
      if (channels.has(channel)) return;
      channels.add(channel);
      await subscriber.ssubscribe(channel);
    },
    remove(channel) {
      if (channels.delete(channel)) subscriber.sunsubscribe(channel).catch(() => undefined);
    },
    close: () => subscriber.disconnect(),
  };
}

function duplicate(redis: RedisClient): RedisClient {
  // A subscriber may wait for Redis however impatient the connection it was made from is.
  const patient = { maxRetriesPerRequest: null, enableOfflineQueue: true, commandTimeout: undefined };
  if (redis instanceof Cluster) return redis.duplicate([], { enableOfflineQueue: true, shardedSubscribers: true });
  return (redis as Redis).duplicate(patient);
}
