import { Problem, TaskFailed } from '@darkroom/shared/errors';
import { isFinalStatus, type TaskRecord } from '@darkroom/shared/tasks';
import type { OrderDeps } from './order.ts';

/** What entries need that answer with pictures, and with nothing less. */
export type PicturesDeps = OrderDeps & { syncWaitMs: number };

/**
 * A task that was waited for, if it has its pictures.
 * @throws TaskFailed when it ended without; Problem `still_running` when it did not end in time, and goes on
 */
export function picturesOf(task: TaskRecord): TaskRecord {
  if (task.status === 'succeeded') return task;
  if (isFinalStatus(task.status)) {
    throw new TaskFailed(task.error ?? { code: 'canceled', message: 'The task was canceled.' });
  }
  const message = `The task ${task.id} is not done yet and goes on: ask for it at /v1/images/tasks/${task.id}.`;
  throw new Problem('still_running', message);
}
