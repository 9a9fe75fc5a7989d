import { z } from 'zod';
import type { RedisClient } from './connect.ts';
import { restoredKey } from './keys.ts';

const Restored = z.object({ taken_at_ms: z.number().int(), restored_at_ms: z.number().int() });

/**
 * That the data of this Redis is a backup's: nothing is in it that was written after `taken_at_ms`, and it was put back
 * at `restored_at_ms` (ms since the epoch). Whatever was done in between is forgotten and may have been paid for.
 */
export type Restored = z.infer<typeof Restored>;

/** @returns undefined where no backup was ever restored @throws when Redis does not answer */
export async function readRestored(redis: RedisClient): Promise<Restored | undefined> {
  const mark = await redis.get(restoredKey);
  return mark === null ? undefined : Restored.parse(JSON.parse(mark));
}

/** Marks the data of a Redis as a backup's. The mark stays: a later one takes its place. */
export async function markRestored(redis: RedisClient, restored: Restored): Promise<void> {
  await redis.set(...restoredPair(restored));
}

/** The mark as key and value, for who writes it into an append-only file. */
export const restoredPair = (restored: Restored): [key: string, value: string] => [
  restoredKey,
  JSON.stringify(Restored.parse(restored)),
];
