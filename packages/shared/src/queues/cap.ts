import type { RedisClient } from '../redis/index.ts';
import type { GenerationQueue } from './generation.ts';

/**
 * Sets how many jobs of a channel may be active over all workers. BullMQ wakes nobody for it, and idle workers would
 * notice a raised cap only seconds later, so its wake-up marker is set too.
 */
export async function setQueueCap(queue: GenerationQueue, redis: RedisClient, cap: number): Promise<void> {
  await queue.setGlobalConcurrency(cap);
  await redis.zadd(queue.toKey('marker'), 0, '0');
}
