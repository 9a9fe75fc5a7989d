import { archiveTask, manifestKey } from '@darkroom/shared/tasks';
import { announce } from '../generation/announce.ts';
import type { Duty } from './deps.ts';
import { oldestIn } from './oldestIn.ts';

/** Drops the records of tasks that ended long ago from Redis, once it has seen that their manifests are in storage. */
export const archiveRecords: Duty = async (deps) => {
  const { records, store, retention } = deps;
  let records_archived = 0;
  let manifests_written = 0;
  for (const { kept } of records.keys.shards()) {
    for await (const { id, at_ms } of oldestIn(deps, kept, deps.now() - retention.records_ms)) {
      if (await store.stat(manifestKey(id))) {
        if ((await archiveTask(records, id, at_ms)) === 'archived') records_archived++;
      } else if (await announce(deps, id)) {
        manifests_written++;
      } else {
        // Neither record nor manifest: nothing is left but perhaps pictures, which retention removes.
        await archiveTask(records, id, at_ms);
      }
    }
  }
  return { records_archived, manifests_written };
};
