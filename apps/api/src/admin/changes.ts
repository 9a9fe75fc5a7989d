import { Problem } from '@darkroom/shared/errors';
import type { Logger } from '@darkroom/shared/telemetry';
import type { RequestHandler } from 'express';

/**
 * Lets changes through that were not made by another site in an admin's browser, and leaves an audit line of each.
 * A browser always names the origin of a change; a command line names none.
 */
export function auditedChange(logger: Logger): RequestHandler {
  return (req, _res, next) => {
    const origin = req.get('origin');
    if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== req.get('host'))) {
      throw new Problem('forbidden', 'A change must not come from another site.');
    }
    logger.warn(
      { audit: 'admin', method: req.method, path: req.originalUrl.split('?')[0], from: req.ip },
      'admin change',
    );
    next();
  };
}
