import { type AcceptDeps, acceptTask } from '@darkroom/shared/admission';
import type { Dialect, TaskRequest } from '@darkroom/shared/dialects';
import { fieldProblem, Problem } from '@darkroom/shared/errors';
import { isRedisUnavailable } from '@darkroom/shared/redis';
import { isFinalStatus, noteAnswered, type TaskRecord } from '@darkroom/shared/tasks';
import type { Request, Response } from 'express';
import { apiKeyOf } from '../http/authenticate.ts';
import { hangUpSignal } from '../http/hangUp.ts';
import { idempotencyKeyOf } from '../http/idempotencyKey.ts';
import { sentBeforeOf } from '../http/resends.ts';
import type { Waiters } from '../waiting/waiters.ts';
import type { FindTask } from './findTask.ts';

export type OrderDeps = AcceptDeps & { waiters: Waiters; findTask: FindTask };

/**
 * Takes in what a client orders, whatever its dialect. From here on every answer, an error too, names the task and says
 * that the order is not to be sent again.
 * @throws Problem; when it is thrown, nothing was accepted
 */
export async function takeOrder(
  deps: OrderDeps,
  req: Request,
  res: Response,
  dialect: Dialect,
  request: TaskRequest,
): Promise<TaskRecord> {
  const client = apiKeyOf(res);
  const sentBefore = sentBeforeOf(req);
  const { task, repeated } = await acceptTask(deps, client, withWebhookOfHeader(request, req), {
    dialect,
    idempotencyKey: idempotencyKeyOf(req),
    sentBefore,
  });
  res.set({ 'x-should-retry': 'false', 'x-task-id': task.id });
  if (repeated) res.set('idempotent-replayed', 'true');
  if (sentBefore !== undefined) {
    // Only a help to tell equal requests apart: when it fails, the repeat still finds one of their tasks.
    const answered = () => noteAnswered(deps.records, { key_id: client.id, fingerprint: task.fingerprint }, task.id);
    res.once('finish', () =>
      answered().catch((error: Error) => deps.logger.debug({ err: error.message }, 'not noted')),
    );
  }
  return task;
}

/**
 * Holds an answer until the task has ended, the time is over, the client has hung up or the process closes.
 * @returns the task as it is then. While Redis is away it is the task as it was: it exists all the same.
 */
export async function waitForEnd(
  { waiters, findTask }: OrderDeps,
  res: Response,
  task: TaskRecord,
  ms: number,
): Promise<TaskRecord> {
  if (ms <= 0 || isFinalStatus(task.status)) return task;
  try {
    await waiters.wait(task.id, ms, hangUpSignal(res));
    return await findTask(task.key_id, task.id);
  } catch (error) {
    if (isRedisUnavailable(error) || (error instanceof Problem && error.code === 'storage_unavailable')) return task;
    throw error;
  }
}

/** A dialect without a field for it takes the receiver of events as a header; a field wins. */
function withWebhookOfHeader(request: TaskRequest, req: Request): TaskRequest {
  const url = req.get('x-webhook-url');
  if (url === undefined || request.webhook) return request;
  if (url.length <= 2048) return { ...request, webhook: { url, events: null, metadata: null } };
  throw fieldProblem('invalid_request', 'x-webhook-url', '`x-webhook-url` may have at most 2048 characters.');
}
