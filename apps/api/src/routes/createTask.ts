import type { UrlSigner } from '@darkroom/shared/images';
import { publicTask } from '@darkroom/shared/tasks';
import type { RequestHandler } from 'express';
import { type AcceptDeps, acceptTask } from '../admission/acceptTask.ts';
import { sendData } from '../dialects/native/envelope.ts';
import { parseTaskRequest } from '../dialects/native/parseTaskRequest.ts';
import { waitOfPrefer } from '../dialects/native/preferences.ts';
import { apiKeyOf } from '../http/authenticate.ts';
import { hangUpSignal } from '../http/hangUp.ts';
import { idempotencyKeyOf } from '../http/idempotencyKey.ts';
import type { Waiters } from '../waiting/waiters.ts';
import type { FindTask } from './findTask.ts';

type Deps = AcceptDeps & { waiters: Waiters; findTask: FindTask; signer: UrlSigner };

/** `POST /v1/images/tasks`: 200 once the task is kept, with the task as it is then, or after `Prefer: wait=…`. */
export function createTaskRoute(deps: Deps): RequestHandler {
  return async (req, res) => {
    const client = apiKeyOf(res);
    const request = parseTaskRequest(req.body);
    const { task, repeated } = await acceptTask(deps, client, request, {
      dialect: 'native',
      idempotencyKey: idempotencyKeyOf(req),
    });
    // An SDK that sends again by itself would order, and pay for, a second task.
    res.set('x-should-retry', 'false');
    if (repeated) res.set('idempotent-replayed', 'true');
    const waitMs = waitOfPrefer(req.get('prefer'));
    await deps.waiters.wait(task.id, waitMs, hangUpSignal(res));
    const now = waitMs > 0 ? await deps.findTask(client.id, task.id) : task;
    sendData(res, publicTask(now, deps.signer.urlOf));
  };
}
