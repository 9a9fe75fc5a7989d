import { blockedAnswer, contentAnswer, parseContentRequest } from '@darkroom/shared/dialects';
import { Problem } from '@darkroom/shared/errors';
import type { RequestHandler, Response } from 'express';
import { sendPictures } from '../http/sendPictures.ts';
import { takeOrder, waitForEnd } from './order.ts';
import { type PicturesDeps, picturesOf } from './pictures.ts';

/**
 * `POST /v1beta/models/{model}:generateContent` and `:streamGenerateContent`: pictures as Google's Gemini API gives
 * them, once they are there. A stream has one chunk: the upstream shows nothing before.
 */
export function generateContentRoute(deps: PicturesDeps): RequestHandler {
  return async (req, res) => {
    const [, model, method] = /^(.+):(generateContent|streamGenerateContent)$/.exec(String(req.params.model)) ?? [];
    if (model === undefined) throw new Problem('route_not_found', 'There is nothing here; `:generateContent` is.');
    const task = await takeOrder(deps, req, res, 'gemini', parseContentRequest(model, req.body));
    const now = await waitForEnd(deps, res, task, deps.syncWaitMs);
    const blocked = now.error?.code === 'content_policy' && now.status === 'failed';
    const answer = blocked ? blockedAnswer(now) : contentAnswer(picturesOf(now));
    await send(deps, res, answer, method === 'generateContent' ? 'whole' : req.query.alt === 'sse' ? 'event' : 'list');
  };
}

async function send({ store }: PicturesDeps, res: Response, answer: object, as: 'whole' | 'event' | 'list') {
  if (as === 'event') return sendPictures(res, store, 'text/event-stream', ['data: ', answer, '\r\n\r\n']);
  await sendPictures(res, store, 'application/json', as === 'list' ? ['[', answer, ']'] : [answer]);
}
