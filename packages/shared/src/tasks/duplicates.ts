import { z } from 'zod';
import { times } from './publicTask.ts';
import { channelOf, type Part, type TaskRecord } from './record.ts';
import type { Records } from './records.ts';

const Duplicate = z.object({
  task_id: z.string(),
  channel: z.string(),
  part: z.number().int(),
  attempt: z.number().int(),
  /** how many times the attempt has then been posted; from 2 on all under the same key */
  submission: z.number().int(),
  reason: z.enum(['outcome_unknown', 'forgotten', 'restored']),
  /** what the pictures ordered again cost, a decimal string */
  cost: z.string(),
  currency: z.string(),
});

/**
 * A submission made although an earlier one may have been accepted, so that both may be charged.
 * - `outcome_unknown`: nobody knows what became of the earlier post of the same attempt
 * - `forgotten`: the upstream had accepted the attempt before and no longer knows its task
 * - `restored`: Redis was restored from a backup, and the attempt may have been posted after that was taken
 */
export type Duplicate = z.infer<typeof Duplicate>;

/** `listed_at` is ISO 8601. */
export type ListedDuplicate = Duplicate & { listed_at: string };

type Submitted = { task: TaskRecord; index: number; part: Part };

/** The possible duplicate of a part. `at` says which submission follows. */
export function duplicateOf(
  { task, index, part }: Submitted,
  at: Pick<Duplicate, 'attempt' | 'submission' | 'reason'>,
): Duplicate {
  return {
    task_id: task.id,
    channel: channelOf(task, part),
    part: index,
    ...at,
    cost: times(task.unit_price, part.n - (part.images?.length ?? 0)),
    currency: task.currency,
  };
}

/** What may have been paid for twice, the newest first; bounded by the script that lists it. */
export async function readDuplicates({ redis, keys }: Records): Promise<ListedDuplicate[]> {
  const lists = await Promise.all(
    keys.shards().map(({ duplicates }) => redis.zrevrange(duplicates, 0, -1, 'WITHSCORES')),
  );
  const found = lists.flatMap((flat) =>
    Array.from({ length: flat.length / 2 }, (_, i) => ({
      ...Duplicate.parse(JSON.parse(flat[2 * i]!)),
      listed_at: new Date(Number(flat[2 * i + 1])).toISOString(),
    })),
  );
  return found.sort((a, b) => b.listed_at.localeCompare(a.listed_at));
}

/** Forgets what was listed before a time. @returns how many */
export async function forgetDuplicates({ redis, keys }: Records, before_ms: number): Promise<number> {
  let forgotten = 0;
  for (const { duplicates } of keys.shards()) {
    forgotten += await redis.zremrangebyscore(duplicates, '-inf', `(${before_ms}`);
  }
  return forgotten;
}
