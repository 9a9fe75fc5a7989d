import { text } from 'node:stream/consumers';
import type { ObjectStore } from '@darkroom/shared/images';
import type { RestartWatch } from '@darkroom/shared/redis';
import {
  isBeingRemoved,
  manifestKey,
  parseManifest,
  type Records,
  restoreTask,
  type TaskId,
  type TaskRecord,
} from '@darkroom/shared/tasks';

/**
 * Finds tasks that had ended although Redis, having gone back in time, shows them unfinished, and puts their records
 * right. While Redis is not suspected, no storage is asked.
 * @returns the finished task, or undefined when the record is to be believed
 */
export function keptEnds(records: Records, store: ObjectStore, restarts: RestartWatch) {
  return async (id: TaskId): Promise<TaskRecord | undefined> => {
    if (!restarts.mayBeOld() || (await isBeingRemoved(records, id))) return undefined;
    const manifest = await store.open(manifestKey(id));
    if (!manifest) return undefined;
    const kept = parseManifest(await text(manifest));
    if (!kept) return undefined;
    await restoreTask(records, kept);
    return kept.task;
  };
}
