import { Problem } from '@darkroom/shared/errors';
import express, { type RequestHandler } from 'express';
import { isDeeperThan } from './jsonDepth.ts';

/** Deeper nesting than any request has; parsers of later stages must not be led further. */
const depthMax = 20;

/**
 * Reads a JSON body of bounded size and depth. Any other content type is refused by name.
 * @param bytesMax  of the body, unpacked
 */
export function jsonBody(bytesMax: number): RequestHandler[] {
  const requireJson: RequestHandler = (req, _res, next) => {
    if (req.is(['application/json', 'application/*+json'])) return next();
    throw new Problem('unsupported_media_type', 'Send the request as JSON, with `content-type: application/json`.');
  };
  const parse = express.json({
    limit: bytesMax,
    strict: false,
    type: () => true,
    verify: (_req, _res, bytes) => {
      if (isDeeperThan(bytes, depthMax)) {
        throw new Problem('invalid_request', `The body is nested more than ${depthMax} deep.`);
      }
    },
  });
  return [requireJson, parse];
}
