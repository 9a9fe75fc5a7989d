import { Problem } from '@darkroom/shared/errors';
import type { RequestHandler } from 'express';

/** Answers a known path asked in a wrong way: 405 with the ways there are. Mounted after a path's routes. */
export function allow(...methods: string[]): RequestHandler {
  const list = methods.join(', ');
  return (req) => {
    const message = `${req.method} is not possible here; use ${list}.`;
    throw new Problem('method_not_allowed', message, { headers: { allow: list } });
  };
}

/** Answers a path that there is not. Mounted last. */
export const noRoute: RequestHandler = () => {
  throw new Problem('route_not_found', 'There is nothing here; see the documentation for what there is.');
};
