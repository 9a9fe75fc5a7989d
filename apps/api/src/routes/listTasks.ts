import type { ReadTask } from '@darkroom/shared/admission';
import type { UrlSigner } from '@darkroom/shared/images';
import { listTasks, publicTask, type Records, removeEntries, type TaskPage } from '@darkroom/shared/tasks';
import type { Logger, Recorder } from '@darkroom/shared/telemetry';
import type { RequestHandler } from 'express';
import { apiKeyOf } from '../http/authenticate.ts';
import { sendData } from '../http/envelope.ts';
import { cursorOf, parseListQuery } from '../http/listQuery.ts';

type Deps = {
  records: Records;
  readTask: ReadTask;
  signer: UrlSigner;
  metrics: Recorder<'api'>;
  logger: Logger;
  now: () => number;
};

/** `GET /v1/images/tasks`: a page of the client's tasks, newest first. */
export function listTasksRoute(deps: Deps): RequestHandler {
  return async (req, res) => {
    const query = parseListQuery(req.query);
    const { id: keyId } = apiKeyOf(res);
    const page = await listTasks(deps.records, keyId, query, deps.readTask);
    await tidyUp(deps, keyId, page);
    const { tasks, next } = page;
    sendData(res, {
      items: tasks.map((task) => publicTask(task, deps.signer.urlOf)),
      has_more: next !== undefined,
      next_cursor: next ? cursorOf(next) : null,
    });
  };
}

/** Tells of the tasks that were left out, and removes what is left of those that never came to be. */
async function tidyUp({ records, metrics, logger, now }: Deps, keyId: string, page: TaskPage): Promise<void> {
  const [first] = page.unreadable;
  if (first) {
    const count = page.unreadable.length;
    logger.error({ count, task: first.id, err: first.why }, 'left out of a list: tasks that cannot be read');
  }
  try {
    const count = await removeEntries(records, keyId, page.missing, now());
    if (count === 0) return;
    metrics.add('darkroom_repairs_total', { duty: 'index_entries_removed' }, count);
    logger.info({ repair: 'index_entries_removed', count }, 'list: entries had no task; they were removed');
  } catch (error) {
    logger.warn({ err: (error as Error).message }, 'entries without a task could not be removed; the next list tries');
  }
}
