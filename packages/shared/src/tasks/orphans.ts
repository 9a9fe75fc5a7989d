import { z } from 'zod';
import { times } from './publicTask.ts';
import { channelOf, type Part, type TaskRecord } from './record.ts';
import type { Records } from './records.ts';

const Orphan = z.object({
  task_id: z.string(),
  part: z.number().int(),
  attempt: z.number().int(),
  upstream_task_id: z.string(),
  reason: z.enum(['canceled', 'expired', 'claim_lost']),
  /** what the pictures ordered of it would cost, a decimal string */
  cost: z.string(),
  currency: z.string(),
});

/**
 * An upstream task that nobody will fetch, and that may be charged all the same.
 * - `canceled`, `expired`: its task ended while the upstream worked on it
 * - `claim_lost`: the upstream named it to a worker that no longer held the part
 */
export type Orphan = z.infer<typeof Orphan>;

/** `listed_at` is ISO 8601. */
export type ListedOrphan = Orphan & { channel: string; listed_at: string };

/** Orphans kept per channel, the oldest go first: a channel that makes more in 30 days is looked at long before. */
const orphansMax = 1000;

/**
 * Lists the upstream task of a part among the orphans of its channel. Listing it twice is listing it once.
 * @returns it, or undefined when it was listed already
 */
export async function listOrphan(
  { redis, keys }: Records,
  { task, index, part, upstream_task_id, reason }: OrphanFound,
  now_ms: number,
): Promise<(Orphan & { channel: string }) | undefined> {
  const orphan: Orphan = {
    task_id: task.id,
    part: index,
    attempt: part.attempt,
    upstream_task_id,
    reason,
    cost: times(task.unit_price, part.n),
    currency: task.currency,
  };
  const channel = channelOf(task, part);
  const key = keys.orphans(channel);
  const added = await redis.zadd(key, 'NX', now_ms, JSON.stringify(orphan));
  await redis.zremrangebyrank(key, 0, -orphansMax - 1);
  return added === 1 ? { channel, ...orphan } : undefined;
}

/** `index` is the number of the part; `part` as it is known last, whatever `task.parts` says. */
export type OrphanFound = {
  task: TaskRecord;
  index: number;
  part: Part;
  upstream_task_id: string;
  reason: Orphan['reason'];
};

/** The upstream tasks of a canceled task that were in flight: nobody will fetch what they make. */
export const orphansOfCanceled = (task: TaskRecord): OrphanFound[] =>
  task.parts.flatMap((part, index) => {
    const { state, upstream_task_id } = part;
    return state === 'canceled' && upstream_task_id
      ? [{ task, index, part, upstream_task_id, reason: 'canceled' }]
      : [];
  });

/** The orphans of a channel, the newest first. */
export async function readOrphans({ redis, keys }: Records, channelId: string): Promise<ListedOrphan[]> {
  const flat = await redis.zrevrange(keys.orphans(channelId), 0, -1, 'WITHSCORES');
  const found: ListedOrphan[] = [];
  for (let i = 0; i < flat.length; i += 2) {
    const listed_at = new Date(Number(flat[i + 1])).toISOString();
    found.push({ channel: channelId, ...Orphan.parse(JSON.parse(flat[i]!)), listed_at });
  }
  return found;
}

/** Forgets a channel's orphans that were listed before a time. @returns how many */
export const forgetOrphans = ({ redis, keys }: Records, channelId: string, before_ms: number): Promise<number> =>
  redis.zremrangebyscore(keys.orphans(channelId), '-inf', `(${before_ms}`);
