import type { KeyNames, RedisClient } from '../redis/index.ts';

type Gates = { redis: RedisClient; keys: KeyNames };

/** Stops a channel's submissions until it is resumed; what is in flight goes on. */
export async function pauseChannel({ redis, keys }: Gates, channelId: string): Promise<void> {
  await redis.hset(keys.gate(channelId), 'paused', '1');
}

export async function resumeChannel({ redis, keys }: Gates, channelId: string): Promise<void> {
  await redis.hdel(keys.gate(channelId), 'paused');
}

/**
 * Sets a channel's in-flight cap at run time, over what the configuration says; undefined gives way to the
 * configuration again. It takes effect once the queue's global concurrency is set too.
 */
export async function setCap({ redis, keys }: Gates, channelId: string, cap: number | undefined): Promise<void> {
  const gate = keys.gate(channelId);
  if (cap === undefined) await redis.hdel(gate, 'max_in_flight');
  else await redis.hset(gate, 'max_in_flight', cap);
}

/** The cap that an operator has set at run time, or undefined. */
export async function readCap({ redis, keys }: Gates, channelId: string): Promise<number | undefined> {
  const cap = await redis.hget(keys.gate(channelId), 'max_in_flight');
  return cap === null ? undefined : Number(cap);
}
