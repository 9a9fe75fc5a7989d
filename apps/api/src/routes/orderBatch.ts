import type { AcceptDeps } from '@darkroom/shared/admission';
import {
  type BatchEndpoint,
  type BatchId,
  batchIdFor,
  createBatch,
  newBatchId,
  publicBatch,
  readBatch,
} from '@darkroom/shared/batches';
import type { BatchRequest } from '@darkroom/shared/dialects';
import { Problem } from '@darkroom/shared/errors';
import { addBatchJob, type BatchQueue } from '@darkroom/shared/queues';
import { isRedisUnavailable } from '@darkroom/shared/redis';
import { findSent, fingerprintOf, noteSent } from '@darkroom/shared/tasks';
import type { Request, Response } from 'express';
import { apiKeyOf } from '../http/authenticate.ts';
import { idempotencyKeyOf } from '../http/idempotencyKey.ts';
import { sentBeforeOf } from '../http/resends.ts';

export type OrderBatchDeps = AcceptDeps & { batches: BatchQueue };

/** Where a batch's lines are, and whose failed lines they are where it is a retry. */
export type Lines = { endpoint: BatchEndpoint; input_file_id: string; parent_id?: string };

/** What is ordered: `wish` is all that tells one order from another; `lines` is asked once it is known to be new. */
export type BatchOrdered = { asked: BatchRequest; wish: object; lines: (id: BatchId) => Promise<Lines> };

/** A create may still be written to Redis this long after it was sent; the API's own commands time out before. */
const createWithinMs = 2000;

/**
 * Takes a batch in, once for each wish: a repeat under the same key, or one that an SDK sends by itself, is answered with
 * the batch that exists.
 */
export async function orderBatch(
  deps: OrderBatchDeps,
  req: Request,
  res: Response,
  { asked, wish, lines }: BatchOrdered,
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
  if (earlier?.removed_at_ms !== undefined) throw beingRemoved();
  if (earlier && earlier.fingerprint !== fingerprint) throw clash();
  const id = known || newBatchId();
  if (earlier) res.set('idempotent-replayed', 'true');
  else {
    await deps.headroom.demand();
    if (before !== undefined) await noteSent(records, sent, id, now());
    await write(deps, id, { client, fingerprint, asked, lines: await lines(id) });
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

async function write(
  { records, catalogue, now }: OrderBatchDeps,
  id: BatchId,
  { client, fingerprint, asked, lines }: Order,
) {
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
async function addJob({ batches, logger }: OrderBatchDeps, id: BatchId): Promise<void> {
  try {
    await addBatchJob(batches, id);
  } catch (error) {
    if (!isRedisUnavailable(error)) throw error;
    logger.warn({ batch: id }, 'recorded, but its job could not be added yet');
  }
}

const beingRemoved = () =>
  new Problem('queue_unavailable', 'The batch of this Idempotency-Key is still being removed. Try again.', {
    retryAfterSeconds: 5,
  });

const clash = () =>
  new Problem('idempotency_conflict', 'This Idempotency-Key was used for another request. Use a new key.', {
    fields: [{ field: 'Idempotency-Key', message: 'was used for another request' }],
    headers: { 'x-should-retry': 'false' },
  });
