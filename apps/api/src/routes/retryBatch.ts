import { fileIdOf, fileKey, hasEnded } from '@darkroom/shared/batches';
import { parseRetryBatch } from '@darkroom/shared/dialects';
import { Problem } from '@darkroom/shared/errors';
import type { RequestHandler } from 'express';
import { apiKeyOf } from '../http/authenticate.ts';
import { findBatch } from './batches.ts';
import { type OrderBatchDeps, orderBatch } from './orderBatch.ts';

/**
 * `POST /v1/batches/{id}/retry`: a new batch of the lines that failed, were canceled or were not run. The worker writes
 * its input file, so that the answer does not wait for 50,000 lines.
 */
export function retryBatchRoute(deps: OrderBatchDeps): RequestHandler {
  return async (req, res) => {
    const parent = await findBatch(deps.records, apiKeyOf(res).id, req.params.batch_id);
    const asked = parseRetryBatch(req.body, parent);
    // OpenAI's client sends again by itself what was answered with 409.
    const headers = { 'x-should-retry': 'false' };
    if (!hasEnded(parent)) {
      throw new Problem('batch_not_finished', 'The batch has not ended. Cancel it, or wait for its end.', { headers });
    }
    if (parent.total <= parent.completed) {
      const message = 'No line of the batch has failed. One that failed as a whole is to be corrected and sent again.';
      throw new Problem('nothing_to_retry', message, { headers });
    }
    const lines = async (id: Parameters<typeof fileIdOf>[0]) => {
      await demandInput(deps, parent.input_file_id);
      return { endpoint: parent.endpoint, input_file_id: fileIdOf(id, 'input'), parent_id: parent.id };
    };
    await orderBatch(deps, req, res, { asked, wish: { retry: parent.id, given: req.body ?? {} }, lines });
  };
}

async function demandInput({ store }: OrderBatchDeps, fileId: string): Promise<void> {
  const there = await store.stat(fileKey(fileId)).catch((error: unknown) => {
    const message = 'Storage cannot be reached; nothing was accepted. Try again.';
    throw new Problem('storage_unavailable', message, { retryAfterSeconds: 5, cause: error });
  });
  if (there) return;
  throw new Problem('file_not_found', 'The input file of the batch was removed, and its lines with it.');
}
