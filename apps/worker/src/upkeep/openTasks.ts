import { script } from '@darkroom/shared/redis';
import { isFinalState, type PartState, type TaskId } from '@darkroom/shared/tasks';
import type { UpkeepDeps } from './deps.ts';
import { shareOf } from './share.ts';

/** An unfinished task: no more of it than a sweep over all of them must know. */
export type OpenTask = {
  id: TaskId;
  changed_at_ms: number;
  deadline_at_ms: number;
  /** its unfinished parts */
  parts: { index: number; state: PartState; channel: string }[];
};

/** What a walk stands on. */
type WalkDeps = Pick<UpkeepDeps, 'records' | 'sweepEveryMs' | 'isClosing' | 'now'>;

/** Tasks looked at by one script: well under a millisecond of Redis' time. */
const pageSize = 500;

/** A task that changed within so many sweeps is looked at whatever the share. */
const latelySweeps = 3;

const findOpen = script(new URL('./lua/findOpen.lua', import.meta.url), {
  keys: ['open'],
  args: ['first', 'size', 'since', 'now', 'record'],
  returns: ['page'],
});

/**
 * Walks over the unfinished tasks that may want mending: all of a sweep's share, and of the others those that have changed
 * lately or are past their deadline. One that changes meanwhile may be passed over; the next sweep sees it.
 */
export async function* openTasks(deps: WalkDeps): AsyncGenerator<OpenTask[]> {
  const { redis, keys } = deps.records;
  const shards = keys.shards();
  const sizes = await Promise.all(shards.map(({ open }) => redis.zcard(open)));
  const share = shareOf(
    deps,
    sizes.reduce((sum, size) => sum + size, 0),
  );
  for (const [i, shard] of shards.entries()) {
    const since = i % share.count === share.index ? 0 : deps.now() - latelySweeps * deps.sweepEveryMs;
    for (let first = 0; !deps.isClosing(); first += pageSize) {
      const { size, found } = await findPage(deps, shard, first, since);
      const tasks = await Promise.all(found.map((entry) => readOpen(deps.records, entry)));
      yield tasks.filter((task) => task !== undefined);
      if (size < pageSize) break;
    }
  }
}

type OpenEntry = Pick<OpenTask, 'id' | 'changed_at_ms'>;

async function findPage(
  { records, now }: WalkDeps,
  { open, record }: { open: string; record: string },
  first: number,
  since: number,
): Promise<{ size: number; found: OpenEntry[] }> {
  const { rest } = await findOpen(records.redis, { open }, { first, size: pageSize, since, now: now(), record });
  const [size, ...flat] = rest as [number, ...string[]];
  const found = Array.from({ length: flat.length / 2 }, (_, i) => ({
    id: flat[2 * i] as TaskId,
    changed_at_ms: Number(flat[2 * i + 1]),
  }));
  return { size, found };
}

async function readOpen({ redis, keys }: UpkeepDeps['records'], entry: OpenEntry): Promise<OpenTask | undefined> {
  const key = keys.task(entry.id);
  const ownFields = ['parts', 'channel', 'deadline_at_ms'] as const;
  // Nearly every task has one part, so its fields are read with the task's own.
  const [count, own, deadline, ...first] = await redis.hmget(key, ...ownFields, 'p0.state', 'p0.channel');
  if (!count || !own) return undefined;
  const fields = Array.from({ length: Number(count) }, (_, p) => [`p${p}.state`, `p${p}.channel`]).flat();
  const values = fields.length === first.length ? first : await redis.hmget(key, ...fields);
  const parts = Array.from({ length: Number(count) }, (_, index) => ({
    index,
    state: values[2 * index] as PartState,
    channel: values[2 * index + 1] || own,
  }));
  return { ...entry, deadline_at_ms: Number(deadline), parts: parts.filter(({ state }) => !isFinalState(state)) };
}
