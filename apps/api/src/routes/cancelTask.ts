import { Problem } from '@darkroom/shared/errors';
import type { ObjectStore, UrlSigner } from '@darkroom/shared/images';
import { type GenerationQueue, removeWaiting } from '@darkroom/shared/queues';
import {
  cancelTask,
  channelOf,
  jobIdOf,
  keepTask,
  listOrphan,
  manifestKey,
  manifestOf,
  orphansOfCanceled,
  parseRecord,
  publicTask,
  type Records,
  readHash,
  type TaskRecord,
} from '@darkroom/shared/tasks';
import { countOrphan, type Logger, type Recorder } from '@darkroom/shared/telemetry';
import type { RequestHandler } from 'express';
import { sendData } from '../dialects/native/envelope.ts';
import { apiKeyOf } from '../http/authenticate.ts';
import type { FindTask } from './findTask.ts';

type Deps = {
  records: Records;
  queues: ReadonlyMap<string, GenerationQueue>;
  store: ObjectStore;
  findTask: FindTask;
  signer: UrlSigner;
  metrics: Recorder<'api'>;
  logger: Logger;
  now: () => number;
};

/** `POST /v1/images/tasks/{task_id}/cancel`: 200 with the canceled task; 409 once it has ended. */
export function cancelTaskRoute(deps: Deps): RequestHandler {
  return async (req, res) => {
    const { id: keyId } = apiKeyOf(res);
    const task = await deps.findTask(keyId, req.params.task_id);
    const word = await cancelTask(deps.records, task.id, keyId, deps.now());
    if (word !== 'canceled') {
      throw new Problem('task_already_finished', 'The task has ended; there is nothing to cancel.');
    }
    deps.metrics.add('darkroom_tasks_finished_total', { status: 'canceled', reason: 'canceled' });
    await stopWork(deps, task);
    sendData(res, publicTask(await deps.findTask(keyId, task.id), deps.signer.urlOf));
  };
}

/**
 * Stops what is left of a canceled task: waiting jobs leave the queue, running ones are told. The record says
 * `canceled` already, so whatever fails here costs time, not truth.
 */
async function stopWork({ records, queues, store, metrics, logger, now }: Deps, task: TaskRecord): Promise<void> {
  try {
    for (const [index, part] of task.parts.entries()) {
      const job = jobIdOf(task.id, index);
      const channel = channelOf(task, part);
      const queue = queues.get(channel);
      const payer = { key_id: task.key_id, weight: task.weight ?? 1 };
      const waited = queue && (await removeWaiting(records.redis, queue, task.priority, payer, job));
      if (!waited) await records.redis.spublish(records.keys.cancels(channel), job);
    }
    const hash = await readHash(records, task.id);
    const canceled = parseRecord(hash);
    for (const orphan of canceled ? orphansOfCanceled(canceled) : []) {
      const listed = await listOrphan(records, orphan, now());
      if (listed) countOrphan(metrics, listed);
    }
    await store.put(manifestKey(task.id), manifestOf(hash), 'application/json');
    await keepTask(records, task.id);
  } catch (error) {
    logger.warn({ task: task.id, err: (error as Error).message }, 'canceled, but not all of it was stopped at once');
  }
}
