import { bodyOfForm, imageEvents, imagesAnswer, imagesMax, parseImagesRequest } from '@darkroom/shared/dialects';
import type { UrlSigner } from '@darkroom/shared/images';
import { publicTask } from '@darkroom/shared/tasks';
import type { RequestHandler } from 'express';
import { sendData } from '../http/envelope.ts';
import { jsonBody } from '../http/jsonBody.ts';
import { readMultipart } from '../http/multipart.ts';
import { sendPictures } from '../http/sendPictures.ts';
import { takeOrder, waitForEnd } from './order.ts';
import { type PicturesDeps, picturesOf } from './pictures.ts';

type Deps = PicturesDeps & { signer: UrlSigner; bodyBytesMax: number };

/** `POST /v1/images/generations`: pictures as OpenAI's Images API gives them, once they are there. */
export function generateImagesRoute(deps: Deps): RequestHandler[] {
  return [...jsonBody(deps.bodyBytesMax), imagesRoute(deps, 'generations')];
}

/** `POST /v1/images/edits`: the same from reference images, as files of a form or as URLs in JSON. */
export function editImagesRoute(deps: Deps): RequestHandler[] {
  const [requireJson, parseJson] = jsonBody(deps.bodyBytesMax) as [RequestHandler, RequestHandler];
  const limits = { body_bytes: deps.bodyBytesMax, file_bytes: deps.limits.image_bytes, files: imagesMax + 1 };
  const readForm: RequestHandler = async (req, res, next) => {
    const { fields, files } = await readMultipart(req, limits);
    res.locals.files = files;
    req.body = bodyOfForm(fields);
    next();
  };
  const isForm = (req: Parameters<RequestHandler>[0]) => req.is('multipart/form-data') !== false;
  return [
    (req, res, next) => (isForm(req) ? next() : requireJson(req, res, next)),
    (req, res, next) => (isForm(req) ? readForm(req, res, next) : parseJson(req, res, next)),
    imagesRoute(deps, 'edits'),
  ];
}

function imagesRoute(deps: Deps, entry: 'generations' | 'edits'): RequestHandler {
  return async (req, res) => {
    const request = parseImagesRequest(entry, req.body, res.locals.files);
    const task = await takeOrder(deps, req, res, 'openai', request.task);
    if (/(^|[,;\s])respond-async($|[,;\s])/i.test(req.get('prefer') ?? '')) {
      res.status(202).set({ location: `/v1/images/tasks/${task.id}`, 'preference-applied': 'respond-async' });
      return sendData(res, publicTask(task, deps.signer.urlOf));
    }
    const done = picturesOf(await waitForEnd(deps, res, task, deps.syncWaitMs));
    const { stream, format } = request.answer;
    if (stream) await sendPictures(res, deps.store, 'text/event-stream', imageEvents(entry, done));
    else await sendPictures(res, deps.store, 'application/json', [imagesAnswer(done, format, deps.signer.urlOf)]);
  };
}
