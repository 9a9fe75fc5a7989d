import type { UrlSigner } from '@darkroom/shared/images';
import { isFinalStatus, publicTask } from '@darkroom/shared/tasks';
import type { RequestHandler } from 'express';
import { apiKeyOf } from '../http/authenticate.ts';
import { sendData } from '../http/envelope.ts';
import { hangUpSignal } from '../http/hangUp.ts';
import { waitOfQuery } from '../http/waitPreference.ts';
import type { Waiters } from '../waiting/waiters.ts';
import type { FindTask } from './findTask.ts';

type Deps = { findTask: FindTask; waiters: Waiters; signer: UrlSigner };

/** `GET /v1/images/tasks/{task_id}`: the task as it is now, or once it has ended with `?wait=…`. */
export function getTaskRoute({ findTask, waiters, signer }: Deps): RequestHandler {
  return async (req, res) => {
    const { id: keyId } = apiKeyOf(res);
    const waitMs = waitOfQuery(req.query.wait);
    let task = await findTask(keyId, req.params.task_id);
    if (waitMs > 0 && !isFinalStatus(task.status)) {
      await waiters.wait(task.id, waitMs, hangUpSignal(res));
      task = await findTask(keyId, task.id);
    }
    sendData(res, publicTask(task, signer.urlOf));
  };
}
