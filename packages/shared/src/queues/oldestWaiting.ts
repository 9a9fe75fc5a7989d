import type { RedisClient } from '../redis/index.ts';
import { bandStarts } from './fairness.ts';
import type { GenerationQueue } from './generation.ts';

/** BullMQ orders waiting jobs by `priority * 2^32 + a running number`: within a priority, by when they were added. */
const scoresPerPriority = 2 ** 32;

/**
 * When the oldest waiting job of a queue was made: of those at the head of each band of priorities and at both ends of
 * the list of jobs that were handed back.
 * @returns ms since the epoch; undefined when none waits
 * @throws when Redis does not answer
 */
export async function oldestWaiting(queue: GenerationQueue, redis: RedisClient): Promise<number | undefined> {
  const [wait, prioritized] = [queue.toKey('wait'), queue.toKey('prioritized')];
  const heads = bandStarts.map((start) =>
    redis.zrangebyscore(prioritized, start * scoresPerPriority, '+inf', 'LIMIT', 0, 1),
  );
  const ends = [redis.lrange(wait, 0, 0), redis.lrange(wait, -1, -1)];
  const ids = new Set((await Promise.all([...heads, ...ends])).flat());
  const made = await Promise.all([...ids].map((id) => redis.hget(queue.toKey(id), 'timestamp')));
  const known = made.filter((timestamp) => timestamp !== null).map(Number);
  return known.length > 0 ? Math.min(...known) : undefined;
}
