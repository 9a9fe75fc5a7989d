import type { ReadTask } from '@darkroom/shared/admission';
import type { Catalogue } from '@darkroom/shared/channels';
import { type ListedOrphan, type Records, readOrphans, type TaskId, unlessTooNew } from '@darkroom/shared/tasks';
import type { RequestHandler } from 'express';

type Deps = { records: Records; catalogue: Catalogue; readTask: ReadTask };

/** `GET /admin/orphans`: upstream tasks that nobody will fetch, with what they may cost, the newest first. */
export function orphansRoute({ records, catalogue, readTask }: Deps): RequestHandler {
  return async (_req, res) => {
    const listed = await Promise.all(catalogue.channels.map(({ id }) => readOrphans(records, id)));
    const orphans: ListedOrphan[] = [];
    for (const orphan of listed.flat()) if (!(await isAdopted(readTask, orphan))) orphans.push(orphan);
    res.json({ orphans: orphans.sort((a, b) => b.listed_at.localeCompare(a.listed_at)) });
  };
}

/**
 * Whether its part has the upstream task after all: the next holder posted the same attempt under the same key, and an
 * upstream that honours the key named the same task again.
 */
async function isAdopted(readTask: ReadTask, orphan: ListedOrphan): Promise<boolean> {
  if (orphan.reason !== 'claim_lost') return false;
  const task = await readTask(orphan.task_id as TaskId).catch(unlessTooNew);
  const part = task?.parts[orphan.part];
  return part?.upstream_task_id === orphan.upstream_task_id && part.state !== 'canceled';
}
