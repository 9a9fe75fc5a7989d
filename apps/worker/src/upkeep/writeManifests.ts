import { archiveTask, type TaskId } from '@darkroom/shared/tasks';
import { announce } from '../generation/announce.ts';
import type { Duty } from './deps.ts';
import { oldestIn } from './oldestIn.ts';

/** Who ended a task writes its manifest within moments. */
const graceMs = 10_000;

/**
 * Writes the manifests of ended tasks that have none: whoever ended the task died before it could, or storage was away.
 * A task among the `done` has no manifest that we know of; with it, it goes to the `kept`.
 */
export const writeManifests: Duty = async (deps) => {
  const { records } = deps;
  let manifests_written = 0;
  for (const { done } of records.keys.shards()) {
    for await (const { id, at_ms } of oldestIn(deps, done, deps.now() - graceMs)) {
      if (await announce(deps, id)) manifests_written++;
      // Redis lost its record; what storage has of it is still subject to retention.
      else await archiveTask(records, id as TaskId, at_ms);
    }
  }
  return { manifests_written };
};
