import type { ReadTask } from '@darkroom/shared/admission';
import { Problem } from '@darkroom/shared/errors';
import { isTaskId, type TaskRecord } from '@darkroom/shared/tasks';

export type FindTask = (keyId: string, taskId: unknown) => Promise<TaskRecord>;

/** Finds a client's task. Another client's is word for word the one that never was. @throws Problem `task_not_found` */
export function taskFinder(read: ReadTask): FindTask {
  return async (keyId, taskId) => {
    const task = typeof taskId === 'string' && isTaskId(taskId) ? await read(taskId) : undefined;
    if (task?.key_id !== keyId) throw new Problem('task_not_found', 'There is no such task.');
    return task;
  };
}
