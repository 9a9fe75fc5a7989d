import { Queue } from 'bullmq';
import type { RedisClient } from '../redis/index.ts';

/** BullMQ's own events, which nobody listens to: what Darkroom tells, it tells by itself. */
const eventsMax = 100;

/**
 * Opens a queue on a connection that its owner closes, and whose errors its owner hears of: a queue would print each of
 * them to the terminal besides, with its stack.
 */
export function openQueue<Data>(name: string, redis: RedisClient, prefix: string): Queue<Data> {
  const streams = { events: { maxLen: eventsMax } };
  const queue = new Queue<Data>(name, { connection: redis, prefix, skipVersionCheck: true, streams });
  queue.on('error', () => undefined);
  return queue as Queue<Data>;
}
