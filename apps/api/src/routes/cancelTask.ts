import { type CancelDeps, cancelRecord, stopCanceled } from '@darkroom/shared/admission';
import { Problem } from '@darkroom/shared/errors';
import type { UrlSigner } from '@darkroom/shared/images';
import { listOrphan, orphansOfCanceled, publicTask, type TaskRecord } from '@darkroom/shared/tasks';
import { countOrphan, type Logger, type Recorder } from '@darkroom/shared/telemetry';
import type { RequestHandler } from 'express';
import { apiKeyOf } from '../http/authenticate.ts';
import { sendData } from '../http/envelope.ts';
import type { FindTask } from './findTask.ts';

type Deps = CancelDeps & {
  findTask: FindTask;
  signer: UrlSigner;
  metrics: Recorder<'api'>;
  logger: Logger;
};

/** `POST /v1/images/tasks/{task_id}/cancel`: 200 with the canceled task; 409 once it has ended. */
export function cancelTaskRoute(deps: Deps): RequestHandler {
  return async (req, res) => {
    const { id: keyId } = apiKeyOf(res);
    const task = await deps.findTask(keyId, req.params.task_id);
    const word = await cancelRecord(deps, task);
    if (word !== 'canceled') {
      throw new Problem('task_already_finished', 'The task has ended; there is nothing to cancel.');
    }
    deps.metrics.add('darkroom_tasks_finished_total', { status: 'canceled', reason: 'canceled' });
    await stopWork(deps, task);
    sendData(res, publicTask(await deps.findTask(keyId, task.id), deps.signer.urlOf));
  };
}

/** Stops what is left of a canceled task, and lists what the upstream may still charge for. */
async function stopWork(deps: Deps, task: TaskRecord): Promise<void> {
  const { records, metrics, logger, now } = deps;
  try {
    const canceled = await stopCanceled(deps, task);
    for (const orphan of canceled ? orphansOfCanceled(canceled) : []) {
      const listed = await listOrphan(records, orphan, now());
      if (listed) countOrphan(metrics, listed);
    }
  } catch (error) {
    logger.warn({ task: task.id, err: (error as Error).message }, 'canceled, but not all of it was stopped at once');
  }
}
