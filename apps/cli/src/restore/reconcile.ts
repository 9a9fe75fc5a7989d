import { text } from 'node:stream/consumers';
import type { ObjectStore } from '@darkroom/shared/images';
import type { Restored } from '@darkroom/shared/redis';
import {
  archiveTask,
  isBeingRemoved,
  isDoubtful,
  isFinalState,
  isFinalStatus,
  isTaskId,
  manifestKey,
  parseManifest,
  type Records,
  readTask,
  restoreTask,
  type TaskId,
  type TaskRecord,
  times,
} from '@darkroom/shared/tasks';

export interface ReconcileDeps {
  records: Records;
  store: ObjectStore;
  restored: Restored;
  /** how long records stay in Redis after their task's end */
  recordsKept_ms: number;
  /** ms since the epoch */
  now: () => number;
  signal: AbortSignal;
}

/** What was found, and put right. */
export interface Reconciled {
  /** records of finished tasks that Redis had */
  finished: number;
  /** unfinished ones that go on as they are */
  open: number;
  /** unfinished ones that had ended by what storage holds; their records were put right */
  ended: TaskId[];
  /** finished ones that only storage knew; they are listed, and kept as long as others, again */
  found: TaskId[];
  /** tasks that will be, or are being, posted again although they may have been posted before, and are marked so */
  doubtful: { id: TaskId; cost: string; currency: string }[];
  /** finished ones of which storage holds nothing any more: they were removed after the backup */
  removed: TaskId[];
  /** folders in storage that no task owns; a sweep removes them after an hour */
  unowned: string[];
  /** tasks whose record or manifest cannot be read by this release */
  unreadable: TaskId[];
}

/** Tasks, or folders of storage, that are looked at together. */
const pageSize = 500;

/**
 * Holds a Redis that was restored against storage, which went on: what ended after the backup is finished again. Safe
 * while API and worker run, and as often as one likes.
 * @throws when Redis or storage does not answer; the reason of the signal
 */
export async function reconcile(deps: ReconcileDeps): Promise<Reconciled> {
  const result: Reconciled = {
    finished: 0,
    open: 0,
    ended: [],
    found: [],
    doubtful: [],
    removed: [],
    unowned: [],
    unreadable: [],
  };
  // First what workers would otherwise begin again.
  const kept = new Set<TaskId>();
  for (const shard of deps.records.keys.shards()) {
    const { redis } = deps.records;
    const open = (await redis.zrange(shard.open, 0, '-1')) as TaskId[];
    for (let i = 0; i < open.length; i += pageSize) {
      const page = open.slice(i, i + pageSize);
      await Promise.all(page.map((id) => readable(result, id, () => lookAtOpen(deps, result, id))));
    }
    result.finished += await redis.zcard(shard.done);
    for (const id of await redis.zrange(shard.kept, 0, '-1')) kept.add(id as TaskId);
    deps.signal.throwIfAborted();
  }
  result.finished += kept.size - result.ended.length;
  await walkStorage(deps, result, kept);
  result.removed = [...kept];
  return result;
}

/** What this release cannot read is told, and keeps nothing else from being looked at. */
async function readable(result: Reconciled, id: TaskId, look: () => Promise<unknown>): Promise<void> {
  try {
    await look();
  } catch (error) {
    if (!['RecordTooNew', 'InvariantBroken', 'SyntaxError'].includes((error as Error).name)) throw error;
    result.unreadable.push(id);
  }
}

async function lookAtOpen(deps: ReconcileDeps, result: Reconciled, id: TaskId): Promise<void> {
  const { records } = deps;
  const manifest = (await isBeingRemoved(records, id)) ? undefined : await manifestOf(deps, id);
  if (manifest) {
    if ((await restoreTask(records, manifest)) === 'restored') result.ended.push(id);
    return;
  }
  const task = await readTask(records, id);
  if (!task || isFinalStatus(task.status)) return;
  result.open++;
  if (isDoubtful(task, deps.restored) && mayBePosted(task)) {
    result.doubtful.push({ id, cost: costAgain(task), currency: task.currency });
  }
}

const waits = ({ state }: TaskRecord['parts'][number]) => state === 'queued' || state === 'submitting';

/** One whose parts all run at the upstream is not posted again, unless an attempt fails there. */
const mayBePosted = (task: TaskRecord) => task.possibly_duplicated || task.parts.some(waits);

/** What the pictures cost that are ordered again. */
function costAgain({ unit_price, parts }: TaskRecord): string {
  const ordered = parts.filter(({ state }) => !isFinalState(state));
  return times(
    unit_price,
    ordered.reduce((sum, part) => sum + part.n - (part.images?.length ?? 0), 0),
  );
}

/** @param kept  ids of finished tasks; those of which storage has something are taken out */
async function walkStorage(deps: ReconcileDeps, result: Reconciled, kept: Set<TaskId>): Promise<void> {
  for (let after = ''; ; ) {
    const folders = await deps.store.folders(after, pageSize);
    const ids = folders.filter((folder) => isTaskId(folder));
    await Promise.all(ids.map((id) => readable(result, id, () => lookAtFolder(deps, result, id))));
    for (const id of ids) kept.delete(id);
    deps.signal.throwIfAborted();
    if (folders.length < pageSize) return;
    after = folders.at(-1)!;
  }
}

async function lookAtFolder(deps: ReconcileDeps, result: Reconciled, id: TaskId): Promise<void> {
  const { redis, keys } = deps.records;
  if ((await redis.exists(keys.task(id))) === 1) return;
  if ((await redis.zscore(keys.archived(id), id)) !== null || (await isBeingRemoved(deps.records, id))) return;
  const manifest = await manifestOf(deps, id);
  if (!manifest) {
    result.unowned.push(id);
    return;
  }
  const { task } = manifest;
  const finished_at_ms = task.finished_at_ms ?? task.created_at_ms;
  // The entry in the index is harmless alone.
  await redis.zadd(keys.tasksOf(task.key_id), 'NX', task.created_at_ms, id);
  if (finished_at_ms < deps.now() - deps.recordsKept_ms) await archiveTask(deps.records, id, finished_at_ms);
  else await restoreTask(deps.records, manifest);
  result.found.push(id);
}

async function manifestOf({ store }: ReconcileDeps, id: TaskId) {
  const manifest = await store.open(manifestKey(id));
  return manifest && parseManifest(await text(manifest));
}
