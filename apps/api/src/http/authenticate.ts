import { Problem } from '@darkroom/shared/errors';
import { type ClientKey, findApiKey } from '@darkroom/shared/keys';
import type { RequestHandler, Response } from 'express';

/** Lets in who bears a known key. No key, a malformed and a wrong one get the same answer after the same work. */
export function authenticate(clients: readonly ClientKey[]): RequestHandler {
  return (req, res, next) => {
    const bearer = /^Bearer +(\S+) *$/i.exec(req.get('authorization') ?? '');
    const key = findApiKey(clients, bearer?.[1] ?? '');
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
