import { Problem, refuseProto } from '@darkroom/shared/errors';
import express, { type Request, type RequestHandler } from 'express';
import { isDeeperThan } from './jsonDepth.ts';

/** Deeper nesting than any request has; parsers of later stages must not be led further. */
export const depthMax = 20;

/**
 * Reads a JSON body of bounded size and depth. Any other content type is refused by name.
 * @param bytesMax  of the body, unpacked
 */
export function jsonBody(bytesMax: number): RequestHandler[] {
  const requireJson: RequestHandler = (req, _res, next) => {
    // Express' parser would make `{}` of it.
    if (req.get('content-length') === '0') throw new Problem('invalid_json', 'The body is empty; send a JSON object.');
    if (req.is(['application/json', 'application/*+json'])) return next();
    throw new Problem('unsupported_media_type', 'Send the request as JSON, with `content-type: application/json`.');
  };
  const parse = express.json({
    limit: bytesMax,
    strict: false,
    type: () => true,
    reviver: refuseProto,
    verify: (_req, _res, bytes) => {
      // The parser writes a status onto what is thrown here; it comes to the error handler as `entity.verify.failed`.
      if (isDeeperThan(bytes, depthMax)) throw new Error('nested too deep');
    },
  });
  return [requireJson, parse];
}

/** The same where a body may be left out: there is none in `req.body` then. */
export function optionalJsonBody(bytesMax: number): RequestHandler[] {
  return jsonBody(bytesMax).map(
    (step): RequestHandler =>
      (req, res, next) =>
        hasBody(req) ? step(req, res, next) : next(),
  );
}

const hasBody = (req: Request) =>
  req.get('transfer-encoding') !== undefined || Number(req.get('content-length') ?? 0) > 0;
