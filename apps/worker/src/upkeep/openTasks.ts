import { isFinalState, type PartState, type TaskId } from '@darkroom/shared/tasks';
import type { UpkeepDeps } from './deps.ts';

/** An unfinished task: no more of it than a sweep over all of them must know. */
export type OpenTask = {
  id: TaskId;
  changed_at_ms: number;
  deadline_at_ms: number;
  /** its unfinished parts */
  parts: { index: number; state: PartState; channel: string }[];
};

/** Tasks read at once: a few commands each, sent together. */
const pageSize = 500;

/** Walks over all unfinished tasks. One that changes meanwhile may be passed over; the next sweep sees it. */
export async function* openTasks({ records, isClosing }: UpkeepDeps): AsyncGenerator<OpenTask[]> {
  const { redis, keys } = records;
  for (const { open } of keys.shards()) {
    for (let offset = 0; !isClosing(); offset += pageSize) {
      const flat = await redis.zrange(open, offset, String(offset + pageSize - 1), 'WITHSCORES');
      const entries = Array.from({ length: flat.length / 2 }, (_, i) => ({
        id: flat[2 * i] as TaskId,
        changed_at_ms: Number(flat[2 * i + 1]),
      }));
      const tasks = await Promise.all(entries.map((entry) => readOpen({ redis, keys }, entry)));
      yield tasks.filter((task) => task !== undefined);
      if (entries.length < pageSize) break;
    }
  }
}

async function readOpen(
  { redis, keys }: UpkeepDeps['records'],
  entry: Pick<OpenTask, 'id' | 'changed_at_ms'>,
): Promise<OpenTask | undefined> {
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
