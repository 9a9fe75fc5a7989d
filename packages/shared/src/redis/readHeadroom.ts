import type { RedisClient } from './connect.ts';
import { mastersOf, memoryOf, parseInfo } from './info.ts';

/**
 * What is left of the memory that Redis may use; of a cluster, on the master that has least left.
 * @returns bytes, 0 when it is full; undefined where no server has a maxmemory
 * @throws when Redis does not answer
 */
export async function readHeadroom(redis: RedisClient): Promise<number | undefined> {
  const left = await Promise.all(
    mastersOf(redis).map(async (master) => {
      const { used_bytes, max_bytes } = memoryOf(parseInfo(await master.info('memory')));
      return max_bytes > 0 ? Math.max(0, max_bytes - used_bytes) : Number.POSITIVE_INFINITY;
    }),
  );
  const least = Math.min(...left);
  return Number.isFinite(least) ? least : undefined;
}
