import { listTasks } from '@darkroom/shared/tasks';
import type { RequestHandler } from 'express';
import { type BatchStreamDeps, streamBatch } from '../events/batchStream.ts';
import { type StreamDeps, streamEvents } from '../events/stream.ts';
import { apiKeyOf } from '../http/authenticate.ts';
import { findBatch } from './batches.ts';
import type { FindTask } from './findTask.ts';

type Deps = StreamDeps & { findTask: FindTask };

/** Unfinished tasks of which a stream of all tells at its begin, the newest. */
const beginWith = 100;

/** `GET /v1/images/tasks/{id}/events`: what becomes of a task, until it has ended. */
export function taskEventsRoute(deps: Deps): RequestHandler {
  return async (req, res) => {
    const { id: keyId } = apiKeyOf(res);
    const task = await deps.findTask(keyId, req.params.task_id);
    // Read again once it is listened to: what happened in between would be missed.
    await streamEvents(deps, req, res, { keyId, task, begin: async () => [await deps.findTask(keyId, task.id)] });
  };
}

/** `GET /v1/events`: what becomes of all tasks of the key. */
export function keyEventsRoute(deps: Deps): RequestHandler {
  return async (req, res) => {
    const { id: keyId } = apiKeyOf(res);
    const begin = async () => {
      const pages = ['in_progress', 'queued'] as const;
      const found = await Promise.all(
        pages.map((status) =>
          listTasks(deps.records, keyId, { filter: { status }, limit: beginWith, after: undefined }),
        ),
      );
      return found.flatMap(({ tasks }) => tasks).slice(0, beginWith);
    };
    await streamEvents(deps, req, res, { keyId, begin });
  };
}

/** `GET /v1/batches/{id}/events`: how far a batch has come, until it has ended. */
export function batchEventsRoute(deps: BatchStreamDeps): RequestHandler {
  return async (req, res) => {
    const batch = await findBatch(deps.records, apiKeyOf(res).id, req.params.batch_id);
    await streamBatch(deps, req, res, batch);
  };
}
