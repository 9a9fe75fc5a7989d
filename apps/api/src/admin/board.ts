import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { Problem } from '@darkroom/shared/errors';
import type { GenerationQueue, UpkeepQueue } from '@darkroom/shared/queues';
import type { Logger } from '@darkroom/shared/telemetry';
import { type RequestHandler, Router } from 'express';

/** Bull Board draws itself with inline styles and a script of its own; nothing from elsewhere is needed. */
const boardPolicy =
  "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "frame-ancestors 'none'; base-uri 'self'; form-action 'none'";

type Settings = { path: string; queues: Iterable<GenerationQueue | UpkeepQueue>; write: boolean; logger: Logger };

/** Bull Board over all queues. It shows everything and, unless writing is enabled, changes nothing. */
export function boardRouter({ path, queues, write, logger }: Settings): Router {
  const adapter = new ExpressAdapter().setBasePath(path);
  createBullBoard({
    queues: [...queues].map((queue) => new BullMQAdapter(queue, { readOnlyMode: !write })),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'Darkroom' } },
  });
  const router = Router();
  router.use((_req, res, next) => {
    res.set('content-security-policy', boardPolicy);
    next();
  });
  router.use(guardChanges(write, logger));
  router.use(adapter.getRouter());
  return router;
}

/** A change must come from the board's own page, and leaves a line saying what it was. */
function guardChanges(write: boolean, logger: Logger): RequestHandler {
  return (req, _res, next) => {
    if (req.method === 'GET' || req.method === 'HEAD') return next();
    if (!write) throw new Problem('forbidden', 'The board is read-only; see ADMIN_BOARD_WRITE.');
    const origin = req.get('origin');
    const host = req.get('host');
    if (origin === undefined || !URL.canParse(origin) || new URL(origin).host !== host) {
      throw new Problem('forbidden', 'A change must come from the board itself.');
    }
    logger.warn({ audit: 'board', method: req.method, path: req.path, from: req.ip }, 'changed through the board');
    next();
  };
}
