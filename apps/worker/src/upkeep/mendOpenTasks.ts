import { addLostJobs } from './addLostJobs.ts';
import type { Duty } from './deps.ts';
import { expireOverdue } from './expireOverdue.ts';
import { openTasks } from './openTasks.ts';

/** One walk over the unfinished tasks: overdue ones are ended, the others get the jobs they lack. */
export const mendOpenTasks: Duty = async (deps) => {
  let tasks_expired = 0;
  let jobs_added = 0;
  for await (const tasks of openTasks(deps)) {
    tasks_expired += await expireOverdue(deps, tasks);
    jobs_added += await addLostJobs(deps, tasks);
  }
  return { tasks_expired, jobs_added };
};
