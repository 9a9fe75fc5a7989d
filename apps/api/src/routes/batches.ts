import {
  type Batch,
  type BatchId,
  changeBatch,
  hasEnded,
  isBatchId,
  publicBatch,
  readBatch,
  readersOf,
} from '@darkroom/shared/batches';
import { Problem } from '@darkroom/shared/errors';
import { type BatchQueue, wakeBatchJob } from '@darkroom/shared/queues';
import type { Records } from '@darkroom/shared/tasks';
import type { RequestHandler } from 'express';
import { apiKeyOf } from '../http/authenticate.ts';
import { openaiPage, parseOpenaiPage } from '../http/openaiPage.ts';

type Deps = { records: Records; now: () => number };

/** `GET /v1/batches/{id}`. */
export function batchRoute({ records, now }: Deps): RequestHandler {
  return async (req, res) => {
    res.json(publicBatch(await findBatch(records, apiKeyOf(res).id, req.params.batch_id), now()));
  };
}

/** `GET /v1/batches`: newest first, as OpenAI lists. */
export function listBatchesRoute({ records, now }: Deps): RequestHandler {
  return async (req, res) => {
    const { id: keyId } = apiKeyOf(res);
    const page = parseOpenaiPage(req.query);
    const { items, has_more } = await openaiPage(records.redis, records.keys.batchesOf(keyId), page, async (id) => {
      const batch = await readBatch(records, id as BatchId);
      return batch?.key_id === keyId && batch.removed_at_ms === undefined ? publicBatch(batch, now()) : undefined;
    });
    res.json({
      object: 'list',
      data: items,
      has_more,
      first_id: items[0]?.id ?? null,
      last_id: items.at(-1)?.id ?? null,
    });
  };
}

/** `POST /v1/batches/{id}/cancel`: what is queued is not run, what is in flight ends, and what is done is written out. */
export function cancelBatchRoute({ records, batches, now }: Deps & { batches: BatchQueue }): RequestHandler {
  return async (req, res) => {
    const { id: keyId } = apiKeyOf(res);
    const batch = await findBatch(records, keyId, req.params.batch_id);
    const word = await changeBatch(records, batch.id as BatchId, 'cancel', now(), { stopped: 'batch_cancelled' });
    const after = await findBatch(records, keyId, batch.id);
    if (word === 'not_allowed' && after.status !== 'cancelling' && after.status !== 'cancelled') {
      res.set('x-should-retry', 'false');
      throw new Problem('batch_already_finished', `The batch is ${after.status}; there is nothing to cancel.`);
    }
    // One that was put off to its night would be told only then.
    if (after.status === 'cancelling') await wakeBatchJob(batches, batch.id);
    res.json(publicBatch(after, now()));
  };
}

/** Finds a client's batch. Another client's is word for word the one that never was. @throws Problem `batch_not_found` */
export async function findBatch(records: Records, keyId: string, id: unknown): Promise<Batch> {
  const batch = typeof id === 'string' && isBatchId(id) ? await readBatch(records, id) : undefined;
  if (batch?.key_id !== keyId || batch.removed_at_ms !== undefined) {
    throw new Problem('batch_not_found', 'There is no such batch.');
  }
  return batch;
}

/** Whether a batch of this key that has not ended reads the file. */
export function fileUse(records: Records) {
  return async (keyId: string, fileId: string): Promise<boolean> => {
    for await (const batch of readersOf(records, keyId, fileId)) if (!hasEnded(batch)) return true;
    return false;
  };
}
