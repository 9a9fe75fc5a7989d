import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '@darkroom/shared/errors';
import type { ObjectStore } from '@darkroom/shared/images';
import { type GenerationQueue, removeGenerationJobs } from '@darkroom/shared/queues';
import { channelOf, isFinalStatus, jobIdOf, type Records, removeTask, type TaskRecord } from '@darkroom/shared/tasks';
import type { RequestHandler } from 'express';
import { apiKeyOf } from '../http/authenticate.ts';
import { sendData } from '../http/envelope.ts';
import type { FindTask } from './findTask.ts';

type Deps = {
  records: Records;
  queues: ReadonlyMap<string, GenerationQueue>;
  store: ObjectStore;
  findTask: FindTask;
  now: () => number;
};

/**
 * `DELETE /v1/images/tasks/{task_id}`: 200 once nothing is left of an ended task: pictures, inputs, manifest, prompt
 * and record; 409 before its end. A repeat is a 404.
 */
export function deleteTaskRoute({ records, queues, store, findTask, now }: Deps): RequestHandler {
  return async (req, res) => {
    const { id: keyId } = apiKeyOf(res);
    const task = await findTask(keyId, req.params.task_id);
    if (!isFinalStatus(task.status)) throw notFinished();
    await whenLetGo(queues, task);
    await removeGenerationJobs(queues.values(), task);
    const word = await removeTask(records, { id: task.id, key_id: keyId }, now(), removeFolderOf(store));
    if (word === 'unfinished') throw notFinished();
    sendData(res, { task_id: task.id, deleted: true });
  };
}

/** How long a delete waits for a worker that has just ended the task and still writes its manifest. */
const letGoMaxMs = 2000;
const letGoLookMs = 20;

/**
 * Resolves when no worker has a job of the task any more, or after a while: what a worker writes later than that is
 * found by the sweep.
 */
async function whenLetGo(queues: Deps['queues'], task: TaskRecord): Promise<void> {
  for (let waited = 0; waited < letGoMaxMs; waited += letGoLookMs) {
    const states = task.parts.map((part, i) => queues.get(channelOf(task, part))?.getJobState(jobIdOf(task.id, i)));
    if (!(await Promise.all(states)).includes('active')) return;
    await sleep(letGoLookMs);
  }
}

const notFinished = () =>
  new Problem('task_not_finished', 'The task has not ended. Cancel it, or wait for its end, then delete it.');

const removeFolderOf = (store: ObjectStore) => async (folder: string) => {
  try {
    await store.removeFolder(folder);
  } catch (error) {
    const message =
      'The task is deleted, but its pictures cannot be removed now; they will be as soon as it is possible.';
    throw new Problem('storage_unavailable', message, { retryAfterSeconds: 60, cause: error });
  }
};
