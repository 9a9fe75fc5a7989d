import type { Exposition } from '@darkroom/shared/telemetry';
import type { RequestHandler } from 'express';

/** `GET /metrics`: what this process and the state it shares with others look like, as Prometheus' text. */
export function metricsRoute(expose: () => Promise<Exposition>): RequestHandler {
  return async (_req, res) => {
    const { contentType, text } = await expose();
    res.set('content-type', contentType).send(text);
  };
}
