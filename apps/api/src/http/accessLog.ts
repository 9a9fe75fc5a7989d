import type { Logger } from '@darkroom/shared/telemetry';
import type { RequestHandler } from 'express';
import { requestIdOf } from './requestId.ts';

/** Writes a line per answer: what was asked, by whom, what came of it. Never the query, which may hold a key. */
export function accessLog(logger: Logger): RequestHandler {
  return (req, res, next) => {
    const startedAt = performance.now();
    const { path } = req;
    res.on('close', () => {
      const ms = Math.round(performance.now() - startedAt);
      const client = (res.locals.apiKey as { name: string } | undefined)?.name;
      const line = { request_id: requestIdOf(res), method: req.method, path, status: res.statusCode, ms, client };
      if (!res.writableFinished) logger.info(line, 'client hung up');
      else logger[res.statusCode >= 500 ? 'warn' : 'debug'](line, 'answered');
    });
    next();
  };
}
