import { text } from 'node:stream/consumers';
import { InvariantBroken, Problem } from '@darkroom/shared/errors';
import type { ObjectStore } from '@darkroom/shared/images';
import { isTaskId, manifestKey, parseManifest, type Records, readTask, type TaskRecord } from '@darkroom/shared/tasks';

export type FindTask = (keyId: string, taskId: unknown) => Promise<TaskRecord>;

/**
 * Finds a client's task: by its record, or, when Redis no longer has it, by the manifest beside its pictures. Another
 * client's task is word for word the one that never was.
 */
export function taskFinder(records: Records, store: ObjectStore): FindTask {
  return async (keyId, taskId) => {
    if (typeof taskId !== 'string' || !isTaskId(taskId)) throw notFound();
    const task = (await readTask(records, taskId)) ?? (await fromManifest(store, taskId));
    if (task?.key_id !== keyId) throw notFound();
    return task;
  };
}

async function fromManifest(store: ObjectStore, taskId: Parameters<typeof manifestKey>[0]) {
  try {
    const manifest = await store.open(manifestKey(taskId));
    return manifest && parseManifest(await text(manifest));
  } catch (error) {
    if (error instanceof InvariantBroken || error instanceof SyntaxError) throw error;
    const message = 'The task is not in Redis and storage cannot be asked now. Try again.';
    throw new Problem('storage_unavailable', message, { retryAfterSeconds: 5, cause: error });
  }
}

const notFound = () => new Problem('task_not_found', 'There is no such task.');
