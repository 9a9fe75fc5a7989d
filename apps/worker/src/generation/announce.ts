import { manifestKey, manifestOf, type TaskId } from '@darkroom/shared/tasks';
import type { GenerationDeps } from './deps.ts';

/**
 * Keeps a finished task's record beside its pictures, so that it can still be answered for when Redis has forgotten it.
 * Doing it twice is doing it once.
 */
export async function announce(deps: Pick<GenerationDeps, 'parts' | 'store'>, id: TaskId): Promise<void> {
  const hash = await deps.parts.hashOf(id);
  if (Object.keys(hash).length > 0) await deps.store.put(manifestKey(id), manifestOf(hash), 'application/json');
}
