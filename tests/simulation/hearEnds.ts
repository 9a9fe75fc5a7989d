import { setImmediate as turn } from 'node:timers/promises';
import { type Subscription, subscribeSharded } from '@darkroom/shared/redis';
import type { Records, TaskId } from '@darkroom/shared/tasks';

/** Listens to the ends of a task's shard. */
export async function hearEnds(
  { redis, keys }: Records,
  id: TaskId,
): Promise<{ heard: string[]; all(): Promise<void> } & Subscription> {
  const heard: string[] = [];
  const ends = keys.ends(id);
  const subscription = await subscribeSharded(redis, [ends], { hear: (_, message) => heard.push(message) });
  return {
    heard,
    async all() {
      // What is published on a channel arrives in its order.
      await redis.spublish(ends, 'that was all');
      while (heard.at(-1) !== 'that was all') await turn();
      heard.pop();
    },
    close: () => subscription.close(),
  };
}
