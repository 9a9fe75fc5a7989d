import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { Problem } from '@darkroom/shared/errors';
import { type ByteRange, mediaTypeOf, type ObjectStore, type UrlSigner } from '@darkroom/shared/images';
import type { Request, RequestHandler, Response } from 'express';

/**
 * `GET /files/{task}/{name}`: a stored picture, to whoever bears a signed URL of it. Its bytes come from outside, so it
 * is served as nothing but a picture: our own type, no sniffing, a sandbox.
 */
export function filesRoute({
  store,
  signer,
  now,
}: {
  store: ObjectStore;
  signer: UrlSigner;
  now: () => number;
}): RequestHandler {
  return async (req, res) => {
    const { task, name } = req.params as { task: string; name: string };
    const key = `${task}/${name}`;
    if (!signer.verify(key, req.query)) {
      throw new Problem(
        'forbidden',
        'The URL is not signed by this server, or has expired; query the task for a new one.',
      );
    }
    const mediaType = mediaTypeOf(name);
    const info = mediaType ? await ask(store.stat(key)) : undefined;
    if (!mediaType || !info) throw new Problem('file_not_found', 'There is no such file.');
    const secondsLeft = Math.max(0, Number(req.query.exp) - Math.floor(now() / 1000));
    res.set({
      'content-type': mediaType,
      'content-disposition': `inline; filename="${task}-${name}"`,
      'accept-ranges': 'bytes',
      etag: `"${createHash('sha256').update(`${key} ${info.bytes}`).digest('base64url').slice(0, 27)}"`,
      'cache-control': `public, max-age=${secondsLeft}, immutable`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'cross-origin',
    });
    if (hasIt(req, res)) return void res.status(304).end();
    const range = rangeOf(req, res, info.bytes);
    if (range === 'unsatisfiable') {
      res.removeHeader('content-disposition');
      return void res.status(416).set('content-range', `bytes */${info.bytes}`).end();
    }
    if (range) res.status(206).set('content-range', `bytes ${range.start}-${range.end}/${info.bytes}`);
    res.set('content-length', String(range ? range.end - range.start + 1 : info.bytes));
    if (req.method === 'HEAD') return void res.end();
    await send(res, store, key, range);
  };
}

/**
 * Whether the client has the file already. Express' own `fresh` is not asked: it obeys `cache-control: no-cache`, which
 * Node's fetch adds to every conditional request, and a file that never changes need never be sent twice.
 */
function hasIt(req: Request, res: Response): boolean {
  const known = (req.get('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return known.includes('*') || known.includes(res.get('etag') ?? '');
}

/** The one range asked for. Several at once, another unit or a stale `If-Range` get the whole file, as RFC 9110 allows. */
function rangeOf(req: Request, res: Response, bytes: number): ByteRange | 'unsatisfiable' | undefined {
  const ifRange = req.get('if-range');
  if (ifRange !== undefined && ifRange !== res.get('etag')) return undefined;
  const ranges = req.range(bytes, { combine: true });
  if (ranges === -1) return 'unsatisfiable';
  if (ranges === undefined || ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1) return undefined;
  return ranges[0];
}

async function send(res: Response, store: ObjectStore, key: string, range: ByteRange | undefined): Promise<void> {
  const body = await ask(store.open(key, range));
  if (!body) throw new Problem('file_not_found', 'There is no such file.');
  try {
    await pipeline(body, res);
  } catch (error) {
    // The client hung up, or the store broke in mid-file: the answer has begun and cannot become another one.
    if (!res.headersSent) throw error;
    res.destroy();
  }
}

async function ask<T>(storage: Promise<T>): Promise<T> {
  try {
    return await storage;
  } catch (error) {
    throw new Problem('storage_unavailable', 'Storage cannot be reached. Try again.', {
      retryAfterSeconds: 5,
      cause: error,
    });
  }
}
