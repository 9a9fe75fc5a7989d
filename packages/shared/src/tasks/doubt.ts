import type { Restored } from '../redis/index.ts';
import type { TaskRecord } from './record.ts';

/** Clocks of different machines; a task that was made so shortly after a backup is taken to be in it. */
const skewMs = 5000;

/** For how long after a restore a request may be the repeat of one that is forgotten: clients give up within a day. */
const repeatsForMs = 86_400_000;

/**
 * Whether a task, or the part of its life that Redis has forgotten, may have been posted before although its record does
 * not say so: it is of a restored backup and did not end, or it may be the repeat of one that was made after the backup.
 * Whatever is posted for it may be paid for twice.
 */
export function isDoubtful(task: TaskRecord, restored: Restored | undefined): boolean {
  if (task.doubtful) return true;
  return restored !== undefined && task.created_at_ms <= restored.taken_at_ms + skewMs;
}

/**
 * Whether a task that has an id which another making of it would have as well may be one that a restored Redis has
 * forgotten.
 * @param since_ms  when it can have been made first, ms since the epoch
 */
export function mayBeForgotten(since_ms: number, restored: Restored | undefined): boolean {
  return restored !== undefined && since_ms <= restored.restored_at_ms + repeatsForMs;
}
