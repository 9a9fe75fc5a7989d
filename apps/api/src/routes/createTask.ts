import { parseTaskRequest } from '@darkroom/shared/dialects';
import type { UrlSigner } from '@darkroom/shared/images';
import { publicTask } from '@darkroom/shared/tasks';
import type { RequestHandler } from 'express';
import { sendData } from '../http/envelope.ts';
import { waitOfPrefer } from '../http/waitPreference.ts';
import { type OrderDeps, takeOrder, waitForEnd } from './order.ts';

/** `POST /v1/images/tasks`: 200 once the task is kept, with the task as it is then, or after `Prefer: wait=…`. */
export function createTaskRoute(deps: OrderDeps & { signer: UrlSigner }): RequestHandler {
  return async (req, res) => {
    const request = parseTaskRequest(req.body);
    const task = await takeOrder(deps, req, res, 'native', request);
    const now = await waitForEnd(deps, res, task, waitOfPrefer(req.get('prefer')));
    sendData(res, publicTask(now, deps.signer.urlOf));
  };
}
