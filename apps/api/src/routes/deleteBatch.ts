import { setTimeout as sleep } from 'node:timers/promises';
import { type BatchId, removeBatch } from '@darkroom/shared/batches';
import { Problem } from '@darkroom/shared/errors';
import { addRemovalJob, type BatchQueue } from '@darkroom/shared/queues';
import { isRedisUnavailable } from '@darkroom/shared/redis';
import type { Records } from '@darkroom/shared/tasks';
import type { Logger } from '@darkroom/shared/telemetry';
import type { RequestHandler, Response } from 'express';
import { apiKeyOf } from '../http/authenticate.ts';
import { hangUpSignal } from '../http/hangUp.ts';
import { findBatch } from './batches.ts';

type Deps = { records: Records; batches: BatchQueue; isDraining: () => boolean; logger: Logger; now: () => number };

/**
 * `DELETE /v1/batches/{id}`: 200 once nothing is left of an ended batch: pictures, prompts, records and files; 202 where
 * that takes longer: it goes on, whatever happens to this process. From either answer on there is no such batch.
 */
export function deleteBatchRoute(deps: Deps): RequestHandler {
  const { records, now } = deps;
  return async (req, res) => {
    const { id } = await findBatch(records, apiKeyOf(res).id, req.params.batch_id);
    const word = await removeBatch(records, id as BatchId, now());
    if (word === 'unfinished') {
      throw new Problem('batch_not_finished', 'The batch has not ended. Cancel it, or wait for its end.', {
        headers: { 'x-should-retry': 'false' },
      });
    }
    const isGone = await removed(deps, res, id);
    res.status(isGone ? 200 : 202).json({ id, object: 'batch', deleted: true });
  };
}

/** How long a delete waits for a worker: thousands of pictures are gone by then, and no client has given up. */
const waitMs = 10_000;
const lookMs = 50;

/** Has it removed. @returns whether that was done within the time that the client waits */
async function removed({ records, batches, isDraining, logger }: Deps, res: Response, id: string): Promise<boolean> {
  const hungUp = hangUpSignal(res);
  try {
    await addRemovalJob(batches, id);
    for (let waited = 0; waited < waitMs && !hungUp.aborted && !isDraining(); waited += lookMs) {
      if ((await records.redis.exists(records.keys.batch(id))) === 0) return true;
      await sleep(lookMs);
    }
  } catch (error) {
    if (!isRedisUnavailable(error)) throw error;
    logger.warn({ batch: id }, 'marked as removed, but Redis is away; the sweep goes on with it');
  }
  return false;
}
