import { InvariantBroken } from '../errors/index.ts';
import { isTaskId, type TaskId } from './ids.ts';
import { readTask } from './readTask.ts';
import { RecordTooNew, type TaskRecord } from './record.ts';
import type { Records } from './records.ts';
import type { TaskStatus } from './transitions.ts';

export type TaskFilter = { status?: TaskStatus; model?: string; labels?: [key: string, value: string][] };

/** Where a page ended: the creation time and id of its last task. */
export type ListPosition = { created_at_ms: number; id: TaskId };

/** Finds a task elsewhere than in Redis. */
type LookUp = (id: TaskId) => Promise<TaskRecord | undefined>;

export type TaskPage = {
  tasks: TaskRecord[];
  next: ListPosition | undefined;
  /** tasks left out because this release cannot read them */
  unreadable: { id: TaskId; why: string }[];
  /** entries for which there is nothing anywhere */
  missing: ListPosition[];
};

/** How many index entries one page may look at: bounds the work of a filter that matches little. */
const entriesPerPageMax = 5000;
/** How many of them it may look up outside of Redis: each takes milliseconds. */
const lookUpsPerPageMax = 200;
const entriesPerRead = 100;

/**
 * One page of an API key's tasks, newest first. With a narrow filter a page may be short, even empty, and still have
 * a `next`: it looked at its bound of entries. A task that cannot be read hides no other.
 * @param limit  1-100 tasks
 * @param lookUp  what is known of a task whose record has gone
 */
export async function listTasks(
  records: Records,
  keyId: string,
  { filter, limit, after }: { filter: TaskFilter; limit: number; after: ListPosition | undefined },
  lookUp: LookUp = async () => undefined,
): Promise<TaskPage> {
  const [tasks, unreadable, missing]: [TaskRecord[], TaskPage['unreadable'], ListPosition[]] = [[], [], []];
  const pageUpTo = (next: ListPosition | undefined): TaskPage => ({ tasks, next, unreadable, missing });
  let position = after;
  let lookUps = 0;
  for (let seen = 0; seen < entriesPerPageMax; ) {
    const entries = await readEntries(records, keyId, position);
    for (const { position: here, found } of await withTasks(records, entries)) {
      if (found === 'missing' && ++lookUps > lookUpsPerPageMax) return pageUpTo(position);
      const task = found === 'missing' ? await readable(() => lookUp(here.id)) : found;
      if (task === 'missing') missing.push(here);
      else if ('why' in task) unreadable.push({ id: here.id, why: task.why });
      else if (task.key_id === keyId && matches(task, filter)) {
        if (tasks.length === limit) return pageUpTo(position);
        tasks.push(task);
      }
      position = here;
    }
    seen += entries.length;
    if (entries.length < entriesPerRead) return pageUpTo(undefined);
  }
  return pageUpTo(position);
}

type Found = TaskRecord | 'missing' | { why: string };

/** What was read, or why it cannot be. @throws whatever has another cause than what is written there */
async function readable(read: () => Promise<TaskRecord | undefined>): Promise<Found> {
  try {
    return (await read()) ?? 'missing';
  } catch (error) {
    const unreadable = [RecordTooNew, InvariantBroken, SyntaxError];
    if (unreadable.some((kind) => error instanceof kind)) return { why: (error as Error).message };
    throw error;
  }
}

async function readEntries(
  { redis, keys }: Records,
  keyId: string,
  after: ListPosition | undefined,
): Promise<ListPosition[]> {
  const index = keys.tasksOf(keyId);
  const found: ListPosition[] = [];
  // Entries of one millisecond are ordered by id, descending; those already listed are skipped.
  for (let offset = 0; found.length < entriesPerRead; offset += entriesPerRead) {
    const flat = await redis.zrange(
      index,
      after ? after.created_at_ms : '+inf',
      '-inf',
      'BYSCORE',
      'REV',
      'LIMIT',
      offset,
      entriesPerRead,
      'WITHSCORES',
    );
    for (let i = 0; i < flat.length; i += 2) {
      const entry = { id: flat[i]! as TaskId, created_at_ms: Number(flat[i + 1]) };
      if (isTaskId(entry.id) && comesAfter(entry, after)) found.push(entry);
    }
    if (flat.length < 2 * entriesPerRead) break;
  }
  return found;
}

function comesAfter(entry: ListPosition, after: ListPosition | undefined): boolean {
  if (!after || entry.created_at_ms < after.created_at_ms) return true;
  return entry.created_at_ms === after.created_at_ms && entry.id < after.id;
}

function withTasks(records: Records, positions: ListPosition[]) {
  return Promise.all(
    positions.map(async (position) => ({ position, found: await readable(() => readTask(records, position.id)) })),
  );
}

function matches(task: TaskRecord, { status, model, labels }: TaskFilter): boolean {
  if (status && task.status !== status) return false;
  if (model && task.request.model !== model) return false;
  return (labels ?? []).every(([key, value]) => task.labels?.[key] === value);
}
