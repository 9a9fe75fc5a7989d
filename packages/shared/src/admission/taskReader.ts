import { text } from 'node:stream/consumers';
import { InvariantBroken, Problem } from '../errors/index.ts';
import type { ObjectStore } from '../images/index.ts';
import type { RestartWatch } from '../redis/index.ts';
import {
  isBeingRemoved,
  isFinalStatus,
  manifestKey,
  parseManifest,
  type Records,
  readTask,
  type TaskId,
  type TaskRecord,
} from '../tasks/index.ts';

/** Reads a task, whoever's it is: undefined when there is none. */
export type ReadTask = (id: TaskId) => Promise<TaskRecord | undefined>;

/**
 * Reads tasks by their record, or, when Redis no longer has it, by the manifest beside their pictures. While Redis may
 * be older than it was, the manifest of a finished task wins over a record that says otherwise. What storage still has
 * of a removed task says nothing.
 */
export function taskReader(records: Records, store: ObjectStore, restarts: RestartWatch): ReadTask {
  return async (id) => {
    const record = await readTask(records, id);
    if (record && (isFinalStatus(record.status) || !restarts.mayBeOld())) return record;
    if (await isBeingRemoved(records, id)) return record;
    return (await fromManifest(store, id)) ?? record;
  };
}

async function fromManifest(store: ObjectStore, id: TaskId): Promise<TaskRecord | undefined> {
  try {
    const manifest = await store.open(manifestKey(id));
    return manifest && parseManifest(await text(manifest))?.task;
  } catch (error) {
    if (error instanceof InvariantBroken || error instanceof SyntaxError) throw error;
    const message = 'The task is not in Redis and storage cannot be asked now. Try again.';
    throw new Problem('storage_unavailable', message, { retryAfterSeconds: 5, cause: error });
  }
}
