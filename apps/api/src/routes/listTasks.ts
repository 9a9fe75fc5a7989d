import type { UrlSigner } from '@darkroom/shared/images';
import { listTasks, publicTask, type Records } from '@darkroom/shared/tasks';
import type { RequestHandler } from 'express';
import { sendData } from '../dialects/native/envelope.ts';
import { cursorOf, parseListQuery } from '../dialects/native/parseListQuery.ts';
import { apiKeyOf } from '../http/authenticate.ts';
import type { ReadTask } from './findTask.ts';

type Deps = { records: Records; readTask: ReadTask; signer: UrlSigner };

/** `GET /v1/images/tasks`: a page of the client's tasks, newest first. */
export function listTasksRoute({ records, readTask, signer }: Deps): RequestHandler {
  return async (req, res) => {
    const query = parseListQuery(req.query);
    const { tasks, next } = await listTasks(records, apiKeyOf(res).id, query, readTask);
    sendData(res, {
      items: tasks.map((task) => publicTask(task, signer.urlOf)),
      has_more: next !== undefined,
      next_cursor: next ? cursorOf(next) : null,
    });
  };
}
