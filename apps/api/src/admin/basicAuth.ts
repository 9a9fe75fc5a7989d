import { Problem } from '@darkroom/shared/errors';
import { sameSecret } from '@darkroom/shared/keys';
import type { RequestHandler } from 'express';

/**
 * Lets in `admin` with the password. Without a configured password there is no `/admin`: it answers 404 like any path
 * that is not there.
 */
export function adminOnly(password: string | undefined): RequestHandler {
  return (req, _res, next) => {
    if (password === undefined) throw new Problem('route_not_found', 'There is nothing here.');
    const basic = /^Basic +(\S+) *$/i.exec(req.get('authorization') ?? '');
    const given = Buffer.from(basic?.[1] ?? '', 'base64').toString();
    if (sameSecret(given, `admin:${password}`)) return next();
    const headers = { 'www-authenticate': 'Basic realm="darkroom", charset="UTF-8"' };
    throw new Problem('unauthorized', 'The admin password is required.', { headers });
  };
}
