import { type AcceptDeps, judgeLine } from '@darkroom/shared/admission';
import {
  type BatchEndpoint,
  type BatchId,
  batchIdFor,
  createBatch,
  type FileId,
  fileKey,
  inputLines,
  keepFile,
  moneyOf,
  newBatchId,
  newFileId,
  parseLine,
  publicBatch,
  readBatch,
} from '@darkroom/shared/batches';
import { type BatchRequest, parseFileBatch, parseListBatch } from '@darkroom/shared/dialects';
import { fieldProblem, Problem } from '@darkroom/shared/errors';
import { addBatchJob, type BatchQueue } from '@darkroom/shared/queues';
import { isRedisUnavailable } from '@darkroom/shared/redis';
import { findSent, fingerprintOf, noteSent } from '@darkroom/shared/tasks';
import type { Request, RequestHandler, Response } from 'express';
import { apiKeyOf } from '../http/authenticate.ts';
import { idempotencyKeyOf } from '../http/idempotencyKey.ts';
import { sentBeforeOf } from '../http/resends.ts';
import { findFile } from './batchFiles.ts';

type Deps = AcceptDeps & { batches: BatchQueue; lineBytesMax: number };

/** A create may still be written to Redis this long after it was sent; the API's own commands time out before. */
const createWithinMs = 2000;

type Lines = { endpoint: BatchEndpoint; input_file_id: string };

/** `POST /v1/batches`: lines from a file that was uploaded before. */
export function createBatchRoute(deps: Deps): RequestHandler {
  return async (req, res) => {
    const { input_file_id, endpoint, asked } = parseFileBatch(req.body);
    const file = await findFile(deps.records, apiKeyOf(res).id, input_file_id);
    if (file.purpose !== 'batch') {
      throw fieldProblem('invalid_request', 'input_file_id', 'The file was not uploaded with `purpose=batch`.');
    }
    if (asked.dry_run) return void res.json(await estimate(deps, { endpoint, input_file_id }));
    await order(deps, req, res, asked, { asked, input_file_id, endpoint }, async () => ({ endpoint, input_file_id }));
  };
}

/** `POST /v1/images/batches`: lines from the request itself. They become a file, as if it had been uploaded. */
export function createListBatchRoute(deps: Deps): RequestHandler {
  return async (req, res) => {
    const { bodies, asked } = parseListBatch(req.body);
    const keepLines = async () => ({
      endpoint: '/v1/images/tasks' as const,
      input_file_id: await keepBodies(deps, res, bodies),
    });
    if (!asked.dry_run) return order(deps, req, res, asked, { asked, bodies }, keepLines);
    const lines = await keepLines();
    try {
      res.json(await estimate(deps, lines));
    } finally {
      await deps.store.removeFolder(lines.input_file_id);
    }
  };
}

/**
 * Takes a batch in, once for each wish: a repeat under the same key, or one that an SDK sends by itself, is answered with
 * the batch that exists.
 */
async function order(
  deps: Deps,
  req: Request,
  res: Response,
  asked: BatchRequest,
  wish: object,
  keepLines: () => Promise<Lines>,
): Promise<void> {
  const { records, now } = deps;
  const client = apiKeyOf(res);
  const fingerprint = fingerprintOf({ batch: wish });
  const sent = { key_id: client.id, fingerprint };
  const key = idempotencyKeyOf(req);
  const before = sentBeforeOf(req);
  const known =
    key === undefined ? before && (await findSent<BatchId>(records, sent, now())) : batchIdFor(client.id, key);
  const earlier = known ? await readBatch(records, known) : undefined;
  if (earlier && earlier.fingerprint !== fingerprint) throw clash();
  const id = known || newBatchId();
  if (earlier) res.set('idempotent-replayed', 'true');
  else {
    await deps.headroom.demand();
    if (before !== undefined) await noteSent(records, sent, id, now());
    await write(deps, id, { client, fingerprint, asked, lines: await keepLines() });
  }
  await addJob(deps, id);
  res.set({ 'x-should-retry': 'false' }).json(publicBatch((await readBatch(records, id))!, now()));
}

type Order = {
  client: { id: string; weight: number };
  fingerprint: string;
  asked: BatchRequest;
  lines: Lines;
};

async function write({ records, catalogue, now }: Deps, id: BatchId, { client, fingerprint, asked, lines }: Order) {
  const { window_ms, dry_run: _no, ...rest } = asked;
  const created_at_ms = now();
  const batch = {
    ...rest,
    ...lines,
    id,
    key_id: client.id,
    weight: client.weight,
    fingerprint,
    currency: catalogue.currency,
    created_at_ms,
    expires_at_ms: created_at_ms + window_ms,
  };
  const word = await createBatch(records, batch, created_at_ms + createWithinMs);
  if (word === 'clash') throw clash();
  if (word === 'late') {
    const message = 'The queue was too slow; nothing was accepted. Try again.';
    throw new Problem('queue_unavailable', message, { retryAfterSeconds: 5 });
  }
}

/** When Redis goes away before the job is added, the batch is accepted all the same: the sweep adds it. */
async function addJob({ batches, logger }: Deps, id: BatchId): Promise<void> {
  try {
    await addBatchJob(batches, id);
  } catch (error) {
    if (!isRedisUnavailable(error)) throw error;
    logger.warn({ batch: id }, 'recorded, but its job could not be added yet');
  }
}

async function keepBodies(deps: Deps, res: Response, bodies: readonly object[]): Promise<FileId> {
  const { id: key_id } = apiKeyOf(res);
  const id = newFileId();
  const url = '/v1/images/tasks';
  const lines = bodies.map((body, i) => JSON.stringify({ custom_id: `request-${i}`, method: 'POST', url, body }));
  const text = `${lines.join('\n')}\n`;
  try {
    await deps.store.put(fileKey(id), text, 'application/jsonl');
  } catch (error) {
    const message = 'The requests cannot be stored now; nothing was accepted. Try again.';
    throw new Problem('storage_unavailable', message, { retryAfterSeconds: 5, cause: error });
  }
  const bytes = Buffer.byteLength(text);
  await keepFile(deps.records, {
    id,
    key_id,
    filename: `${id}.jsonl`,
    purpose: 'batch',
    bytes,
    created_at_ms: deps.now(),
  });
  return id;
}

/** So many refused lines are told of: whoever has more has made one mistake many times. */
const refusedMax = 1000;

/** What a batch would be: every line is held against its model's rules, and nothing is made. */
async function estimate(deps: Deps, lines: Lines) {
  const batch = { ...lines, id: newBatchId(), priority: 'batch' as const };
  const refused: { line: number; custom_id: string | null; code: string; message: string }[] = [];
  let [count, images, units] = [0, 0, 0];
  for await (const line of inputLines(deps, batch)) {
    count += 1;
    const judged = judgeLine(deps, batch, line);
    if ('request' in judged) {
      images += judged.request.n;
      units += judged.cost;
    } else if (refused.length < refusedMax) {
      const parsed = parseLine(line, lines.endpoint);
      const custom_id = 'custom_id' in parsed ? parsed.custom_id : null;
      refused.push({ line: line.line + 1, custom_id, code: judged.reason.code, message: judged.reason.message });
    }
  }
  const cost = moneyOf(units);
  return { object: 'batch.estimate', lines: count, images, cost, currency: deps.catalogue.currency, refused };
}

const clash = () =>
  new Problem('idempotency_conflict', 'This Idempotency-Key was used for another request. Use a new key.', {
    fields: [{ field: 'Idempotency-Key', message: 'was used for another request' }],
    headers: { 'x-should-retry': 'false' },
  });
