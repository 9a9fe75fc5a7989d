import type { RequestHandler } from 'express';
import onHeaders from 'on-headers';

/** Ends the connection with every answer that is given while the process is about to go, so that no request meets its end. */
export function closeWhileDraining(isDraining: () => boolean): RequestHandler {
  return (_req, res, next) => {
    // Asked as the answer goes out: a held request came in long before.
    onHeaders(res, () => {
      if (isDraining()) res.setHeader('connection', 'close');
    });
    next();
  };
}
