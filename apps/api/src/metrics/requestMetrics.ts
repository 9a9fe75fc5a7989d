import type { Recorder } from '@darkroom/shared/telemetry';
import type { Request, RequestHandler, Response } from 'express';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const classes = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** Observes every answer by its route's pattern. What was asked for is never a label: it holds ids, or anything. */
export function requestMetrics(metrics: Recorder<'api'>): RequestHandler {
  return (req, res, next) => {
    const startedAt = performance.now();
    res.on('close', () => {
      metrics.observe(
        'darkroom_http_request_duration_seconds',
        {
          route: routeOf(req, res),
          method: methods.find((one) => one === req.method) ?? 'other',
          status: res.writableFinished ? (classes[Math.floor(res.statusCode / 100) - 1] ?? '5xx') : 'hung_up',
        },
        (performance.now() - startedAt) / 1000,
      );
    });
    next();
  };
}

/** Counts all that is below as one route: for a router that is not ours. */
export function asOneRoute(pattern: string): RequestHandler {
  return (_req, res, next) => {
    res.locals.route = pattern;
    next();
  };
}

function routeOf(req: Request, res: Response): string {
  if (typeof res.locals.route === 'string') return res.locals.route;
  const pattern: unknown = req.route?.path;
  return typeof pattern === 'string' ? pattern : 'none';
}
