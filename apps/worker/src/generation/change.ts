import type { TaskError } from '@darkroom/shared/errors';
import {
  type Duplicate,
  duplicateOf,
  isFinalStatus,
  type Part,
  parseRecord,
  type StoredImage,
  type TaskStatus,
  type TransitionName,
  transitions,
} from '@darkroom/shared/tasks';
import type { GenerationDeps } from './deps.ts';
import { possibleDuplicate } from './figures.ts';
import type { Hand } from './hand.ts';
import { Stop } from './stop.ts';

type PartFields = Partial<Omit<Part, 'state' | 'n' | 'fence' | 'images' | 'error'>> & {
  images?: StoredImage[];
  error?: TaskError;
};

export type Change = {
  part?: PartFields;
  task?: { submitted_at_ms?: number; possibly_duplicated?: boolean; channel?: string; unit_price?: string };
  why: string;
};

/**
 * Changes the part's state in Redis under its claim, and returns it as it now is.
 * @throws Stop `claim_lost` when another worker has claimed it, or it was canceled or removed meanwhile
 */
export async function change(deps: GenerationDeps, hand: Hand, name: TransitionName, wanted: Change): Promise<Hand> {
  const answer = await deps.parts.change({ id: hand.task.id, part: hand.index, fence: hand.fence }, name, {
    now_ms: deps.now(),
    part: wanted.part,
    task: wanted.task,
    duplicate: duplicateIn(hand, name, wanted),
    note: name === 'advance' ? '' : hand.isNoted ? wanted.why : `${deps.workerId} ${wanted.why}`,
  });
  const status = answer.word === 'not_allowed' ? await statusIfDone(deps, hand, name) : answer.status;
  if (status === undefined) throw new Stop('claim_lost');
  return {
    ...hand,
    task: { ...hand.task, ...wanted.task, status },
    part: { ...hand.part, ...wanted.part, state: transitions[name].to },
    isNoted: hand.isNoted || name !== 'advance',
    taskEnded: isFinalStatus(status),
  };
}

/** Whoever marks a task as possibly duplicated lists what it may be charged for. */
function duplicateIn(hand: Hand, name: TransitionName, { part = {}, task }: Change): Duplicate | undefined {
  if (!task?.possibly_duplicated) return undefined;
  if (name === 'submit') return duplicateOf(hand, { attempt: part.attempt!, submission: 1, reason: 'restored' });
  const { attempt } = hand.part;
  if (part.next_attempt === undefined) {
    return duplicateOf(hand, { attempt, submission: (part.unknowns ?? 0) + 1, reason: 'outcome_unknown' });
  }
  return duplicateOf(hand, { attempt: part.next_attempt, submission: 1, reason: 'forgotten' });
}

/**
 * A change whose answer was lost with its connection is sent again, and is no longer allowed. Under a fence that still
 * holds nobody else can have made it.
 * @returns the task's status when this very change has been made
 */
async function statusIfDone(deps: GenerationDeps, hand: Hand, name: TransitionName): Promise<TaskStatus | undefined> {
  const now = parseRecord(await deps.parts.hashOf(hand.task.id));
  const part = now?.parts[hand.index];
  return part?.fence === hand.fence && part.state === transitions[name].to ? now?.status : undefined;
}

/** Ends the part without pictures. */
export async function fail(deps: GenerationDeps, hand: Hand, error: TaskError, part: PartFields = {}): Promise<Hand> {
  hand.view.log(`failed: ${error.code}`);
  return change(deps, hand, error.code === 'deadline_exceeded' ? 'expire' : 'fail', {
    part: { ...part, error },
    why: error.code,
  });
}

/** Starts the next attempt, or ends the part with this error when it has had its attempts. */
export async function nextAttempt(
  deps: GenerationDeps,
  hand: Hand,
  error: TaskError,
  duplicated = false,
): Promise<Hand> {
  if (hand.part.attempt >= deps.limits.max_attempts) return fail(deps, hand, error);
  hand.view.log(`attempt ${hand.part.attempt} is over (${error.code}: ${error.upstream?.code ?? 'no reason'})`);
  const next = await change(deps, { ...hand, results: undefined }, 'retry', {
    part: { next_attempt: hand.part.attempt + 1, upstream_task_id: '', unknowns: 0, starts: 0 },
    task: duplicated ? { possibly_duplicated: true } : {},
    why: error.code,
  });
  if (duplicated) possibleDuplicate(deps, hand);
  return next;
}

/**
 * The attempt that a change is about, to be written with it: after Redis went back in time within one claim, the record
 * may tell of an earlier attempt, and its pictures would not be those of the upstream task that it names.
 */
export const attemptOf = ({ attempt, upstream_task_id }: Part) => ({ attempt, upstream_task_id });

/** What was noted of vain posts is over. Nearly every part had none, and its record need not say so. */
export function withoutTrouble({ tries, unknowns, trouble }: Part) {
  return tries > 0 || unknowns > 0 || trouble ? { tries: 0, unknowns: 0, trouble: '' } : {};
}

/** Milliseconds until the task's deadline; not positive once it has passed. */
export const untilDeadline = (deps: GenerationDeps, hand: Hand) => hand.task.deadline_at_ms - deps.now();
