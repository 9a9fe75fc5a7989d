import type { TaskId } from '@darkroom/shared/tasks';
import type { UpkeepDeps } from './deps.ts';

/** Tasks of one list and shard that one sweep looks at: what is more waits for the next one. */
const perShardMax = 1000;

/**
 * The members of a list of tasks up to a time, the oldest first.
 * @param list  zset of task ids by ms since the epoch
 */
export async function* oldestIn(
  { records, isClosing }: UpkeepDeps,
  list: string,
  until_ms: number,
): AsyncGenerator<{ id: TaskId; at_ms: number }> {
  const range = ['-inf', until_ms, 'WITHSCORES', 'LIMIT', 0, perShardMax] as const;
  const flat = await records.redis.zrangebyscore(list, ...range);
  for (let i = 0; i < flat.length && !isClosing(); i += 2) yield { id: flat[i] as TaskId, at_ms: Number(flat[i + 1]) };
}
