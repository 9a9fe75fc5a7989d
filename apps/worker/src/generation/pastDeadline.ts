import { type TaskError, taskError } from '@darkroom/shared/errors';
import type { Part } from '@darkroom/shared/tasks';
import { fail } from './change.ts';
import type { GenerationDeps } from './deps.ts';
import type { Hand } from './hand.ts';

/** Ends a part whose deadline passed before the upstream had it. */
export function pastDeadline(deps: GenerationDeps, hand: Hand): Promise<Hand> {
  // Where it may have been posted before, nobody can say that nothing is charged.
  const unknowns = hand.part.unknowns + Number(deps.isDoubtful(hand.task));
  return fail(deps, hand, lateError(hand.part), { unknowns });
}

/** Why a part ends whose deadline passed before the upstream had it: what kept it from being taken, where that is known. */
export function lateError({ trouble }: Pick<Part, 'trouble'>): TaskError {
  if (!trouble) return taskError('deadline_exceeded', 'The task was not done by its deadline.');
  return taskError('upstream_unavailable', `The upstream could not take the task before its deadline: ${trouble}.`);
}
