import { pipeline } from 'node:stream/promises';
import { type Batch, hasEnded, type InputDeps, type OutcomeDeps } from '@darkroom/shared/batches';
import { Problem } from '@darkroom/shared/errors';
import type { UrlSigner } from '@darkroom/shared/images';
import type { Request, RequestHandler, Response } from 'express';
import { apiKeyOf } from '../http/authenticate.ts';
import { begun } from '../http/begun.ts';
import { cellsOf, manifestCsv } from '../results/manifestCsv.ts';
import { manifestRows } from '../results/manifestRows.ts';
import { picturesOf } from '../results/pictures.ts';
import { writeZip } from '../results/writeZip.ts';
import { findBatch } from './batches.ts';

type Deps = OutcomeDeps & InputDeps & { signer: UrlSigner };

/** `GET /v1/batches/{id}/manifest.csv`: a row for each line, as it stands. */
export function manifestCsvRoute(deps: Deps): RequestHandler {
  return resultsRoute(deps, { media: 'text/csv', name: 'manifest.csv' }, async (batch, res) => {
    const rows = await begun(manifestRows({ ...deps, ...deps.signer }, batch));
    return () => pipeline(rows, toCells, manifestCsv(), res);
  });
}

/** `GET /v1/batches/{id}/manifest.jsonl`: the same as JSON, an object a line. */
export function manifestJsonlRoute(deps: Deps): RequestHandler {
  return resultsRoute(deps, { media: 'application/jsonl', name: 'manifest.jsonl' }, async (batch, res) => {
    const rows = await begun(manifestRows({ ...deps, ...deps.signer }, batch));
    return () => pipeline(rows, toJson, res);
  });
}

/** `GET /v1/batches/{id}/images.zip`: the pictures of an ended batch. */
export function imagesZipRoute(deps: Deps): RequestHandler {
  return resultsRoute(deps, { media: 'application/zip', name: 'images.zip' }, async (batch, res) => {
    if (!hasEnded(batch)) {
      throw new Problem('batch_not_finished', 'The batch has not ended; its archive would lack pictures.', {
        headers: { 'x-should-retry': 'false' },
      });
    }
    const pictures = await begun(picturesOf(deps, batch));
    return () => writeZip(pictures, res);
  });
}

type File = { media: string; name: string };

/**
 * Answers with a file that is made as it is sent. It has no length, so its end has to tell whether it is whole: what
 * breaks on the way breaks the connection.
 * @param open  makes the begin of it, and says how the rest is sent
 */
function resultsRoute(
  { records }: Deps,
  { media, name }: File,
  open: (batch: Batch, res: Response) => Promise<() => Promise<void>>,
): RequestHandler {
  return async (req: Request, res: Response) => {
    const batch = await findBatch(records, apiKeyOf(res).id, req.params.batch_id);
    const send = await open(batch, res);
    res.set({
      'content-type': media === 'application/zip' ? media : `${media}; charset=utf-8`,
      'content-disposition': `attachment; filename="${batch.id}-${name}"`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    if (req.method === 'HEAD') return void res.end();
    try {
      await send();
    } catch {
      // The client hung up, or Redis or storage went away: the answer has begun and cannot become another one.
      res.destroy();
    }
  };
}

async function* toCells(rows: AsyncIterable<Parameters<typeof cellsOf>[0]>) {
  for await (const row of rows) yield cellsOf(row);
}

async function* toJson(rows: AsyncIterable<object>) {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}
