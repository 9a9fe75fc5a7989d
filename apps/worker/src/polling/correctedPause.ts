import type { PollBounds } from './planPolls.ts';
import type { Running } from './pollSchedule.ts';

/** What a task's pause becomes by what its upstream has said and by its deadline. */
export function correctedPause(bounds: PollBounds, planned_ms: number, running: Running): number {
  const { failures, asked_ms, left_ms } = running;
  // A query that told nothing has met an upstream in trouble, so the pause doubles with each.
  const patient_ms = Math.min(bounds.max_ms, planned_ms * 2 ** Math.min(failures, 30));
  const pause_ms = Math.max(patient_ms, asked_ms);
  // A poll so near the deadline that the one at the deadline would come too soon after it is made at the deadline.
  return Math.max(0, pause_ms + bounds.min_ms > left_ms ? left_ms : pause_ms);
}
