import type { TaskId } from '@darkroom/shared/tasks';
import type { UpkeepDeps } from './deps.ts';

/** Members of one list and shard that one sweep looks at: what is more waits for the next one. */
const perShardMax = 1000;

/**
 * The members of a list up to a time, the oldest first.
 * @param list  zset of ids, of tasks where nothing else is said, by ms since the epoch
 */
export async function* oldestIn<Id extends string = TaskId>(
  { records, isClosing }: UpkeepDeps,
  list: string,
  until_ms: number,
): AsyncGenerator<{ id: Id; at_ms: number }> {
  const range = ['-inf', until_ms, 'WITHSCORES', 'LIMIT', 0, perShardMax] as const;
  const flat = await records.redis.zrangebyscore(list, ...range);
  for (let i = 0; i < flat.length && !isClosing(); i += 2) yield { id: flat[i] as Id, at_ms: Number(flat[i + 1]) };
}
