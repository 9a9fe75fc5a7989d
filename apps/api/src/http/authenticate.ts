import { Problem } from '@darkroom/shared/errors';
import { type ClientKey, findApiKey } from '@darkroom/shared/keys';
import type { Request, RequestHandler, Response } from 'express';
import { dialectOf } from './dialectOf.ts';

/** Lets in who bears a known key. No key, a malformed and a wrong one get the same answer after the same work. */
export function authenticate(clients: readonly ClientKey[]): RequestHandler {
  return (req, res, next) => {
    const key = findApiKey(clients, presentedKey(req));
    if (!key) {
      const message = 'A valid API key is required, as `Authorization: Bearer sk-…`.';
      throw new Problem('unauthorized', message, { headers: { 'www-authenticate': 'Bearer' } });
    }
    res.locals.apiKey = key;
    next();
  };
}

/** The client of an authenticated request. */
export function apiKeyOf(res: Response): ClientKey {
  const key = res.locals.apiKey as ClientKey | undefined;
  if (!key) throw new Error('a route without authentication asked for its client');
  return key;
}

/** The key a client presents: as a bearer, and on Gemini entries also as Google's own clients do. */
function presentedKey(req: Request): string {
  const bearer = /^Bearer +(\S+) *$/i.exec(req.get('authorization') ?? '')?.[1];
  if (bearer !== undefined || dialectOf(req) !== 'gemini') return bearer ?? '';
  const { key } = req.query;
  return req.get('x-goog-api-key') ?? (typeof key === 'string' ? key : '');
}
