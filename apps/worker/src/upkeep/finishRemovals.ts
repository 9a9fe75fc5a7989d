import type { Duty } from './deps.ts';
import { oldestIn } from './oldestIn.ts';

/** A worker that was writing when its task was removed is done by then. */
const graceMs = 60_000;

/**
 * Looks again at the folders of removed tasks: a crash may have fallen between record and objects, or a manifest may
 * have been written while the task was removed.
 */
export const finishRemovals: Duty = async (deps) => {
  const { records, store } = deps;
  const { redis, keys } = records;
  let removals_finished = 0;
  for (const { removals } of keys.shards()) {
    for await (const { id } of oldestIn(deps, removals, deps.now() - graceMs)) {
      // Whoever repeats a request under its idempotency key makes a new task of the same id.
      const isTakenAgain = (await redis.exists(keys.task(id))) === 1;
      if (!isTakenAgain && (await store.removeFolder(id)) > 0) removals_finished++;
      await redis.zrem(removals, id);
    }
  }
  return { removals_finished };
};
