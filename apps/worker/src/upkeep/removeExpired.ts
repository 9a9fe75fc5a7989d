import { text } from 'node:stream/consumers';
import { removeGenerationJobs } from '@darkroom/shared/queues';
import { manifestKey, parseManifest, readTask, removeTask, type TaskId, type TaskRecord } from '@darkroom/shared/tasks';
import type { Duty, UpkeepDeps } from './deps.ts';
import { oldestIn } from './oldestIn.ts';

/** Removes tasks that ended longer ago than they are kept: pictures, inputs, manifest, record and index entry. */
export const removeExpired: Duty = async (deps) => {
  const { records, queues, store, retention } = deps;
  let tasks_removed = 0;
  for (const { kept, archived } of records.keys.shards()) {
    for (const list of [kept, archived]) {
      for await (const { id } of oldestIn(deps, list, deps.now() - retention.tasks_ms)) {
        const task = await find(deps, id);
        if (task) await removeGenerationJobs(queues.values(), task);
        const known = { id, key_id: task?.key_id };
        const word = await removeTask(records, known, deps.now(), (folder) => store.removeFolder(folder));
        if (word === 'removed') tasks_removed++;
      }
    }
  }
  return { tasks_removed };
};

async function find({ records, store }: UpkeepDeps, id: TaskId): Promise<TaskRecord | undefined> {
  const record = await readTask(records, id);
  if (record) return record;
  const manifest = await store.open(manifestKey(id));
  return manifest && parseManifest(await text(manifest))?.task;
}
