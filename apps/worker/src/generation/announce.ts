import {
  isFinalStatus,
  manifestKey,
  manifestOf,
  parseRecord,
  type TaskId,
  type TaskRecord,
} from '@darkroom/shared/tasks';
import type { GenerationDeps } from './deps.ts';

/**
 * Keeps a finished task's record beside its pictures, so that it can still be answered for when Redis has forgotten it,
 * and tells whoever counts its end.
 * Doing it twice is doing it once.
 * @param tell  told of the record before anything is stored
 * @returns whether there was a finished record
 */
export async function announce(
  deps: Pick<GenerationDeps, 'parts' | 'store' | 'noteEnd'>,
  id: TaskId,
  tell: (task: TaskRecord) => void = () => undefined,
): Promise<boolean> {
  const hash = await deps.parts.hashOf(id);
  const task = parseRecord(hash);
  // A Redis that went back in time has forgotten the end: a manifest without one would never let the task end again.
  if (!task || !isFinalStatus(task.status)) return false;
  tell(task);
  await deps.store.put(manifestKey(id), manifestOf(hash), 'application/json');
  // Until it is kept, a sweep finds it: whoever is to be told of the end is told, whatever dies here.
  await deps.noteEnd(task);
  await deps.parts.keep(id);
  return true;
}
