import { sweepJobOptions, upkeepQueue, upkeepQueueName } from '@darkroom/shared/queues';
import { QueueEvents } from 'bullmq';
import type { World } from './world.ts';

/** Has a worker sweep now. @returns what was mended; `{}` when there was nothing */
export async function sweep({ records: { redis, keys } }: Pick<World, 'records'>): Promise<Record<string, number>> {
  const events = new QueueEvents(upkeepQueueName, { connection: redis, prefix: keys.upkeepPrefix() });
  try {
    await events.waitUntilReady();
    const job = await upkeepQueue(redis, keys).add('sweep', { v: 1 }, sweepJobOptions);
    return (await job.waitUntilFinished(events, 20_000)) as unknown as Record<string, number>;
  } finally {
    await events.close();
  }
}
