import { script } from '../redis/index.ts';
import type { Duplicate } from './duplicates.ts';
import type { TaskId } from './ids.ts';
import { type Fields, jsonOfPairs } from './pairs.ts';
import { endingKeys, type Records } from './records.ts';
import { type PartState, type TaskStatus, type TransitionName, transitions } from './transitions.ts';

const run = script(new URL('./lua/changePart.lua', import.meta.url), {
  keys: ['task', 'open', 'done', 'ends', 'duplicates'],
  args: ['part', 'from', 'to', 'fence', 'now', 'part_fields', 'task_fields', 'note', 'duplicate'],
  returns: ['changed', 'missing', 'stale_fence', 'not_allowed'],
});

/** A part under a claim: the fence is the number of the claim, no other's, and goes with every write. */
export type HeldPart = { id: TaskId; part: number; fence: number };

export type PartChange = {
  now_ms: number;
  /** fields of the part to write with the change */
  part?: Fields;
  /** fields of the task to write with the change */
  task?: Fields;
  /** who and why, for the record's history; empty to leave no line */
  note?: string;
  /** a submission that may be paid for twice because of the change, listed in the same step */
  duplicate?: Duplicate;
  /** narrows the states that the part may leave */
  only?: readonly PartState[];
};

export type ChangeAnswer =
  | { word: 'changed'; status: TaskStatus }
  | { word: 'missing' | 'stale_fence' | 'not_allowed'; status?: undefined };

/**
 * Changes one part's state, all or nothing; the task's status follows from its parts in the same step.
 * @returns 'changed' with the task's status, or why not: 'missing' (past retention); 'stale_fence' (a newer holder
 *   exists: drop this part); 'not_allowed' (its state is not in `transitions[name].from`, or not in `change.only`:
 *   read it again)
 * @throws only when Redis does not answer. A refusal is an answer, not an exception.
 */
export async function changePart(
  records: Records,
  held: HeldPart,
  name: TransitionName,
  change: PartChange,
): Promise<ChangeAnswer> {
  const { from, to } = transitions[name];
  const keys = { ...endingKeys(records, held.id), duplicates: records.keys.duplicates(held.id) };
  const { word, rest } = await run(records.redis, keys, {
    part: held.part,
    from: from.filter((state) => change.only?.includes(state) ?? true).join(),
    to,
    fence: held.fence,
    now: change.now_ms,
    part_fields: jsonOfPairs(change.part ?? {}),
    task_fields: jsonOfPairs(change.task ?? {}),
    note: change.note ? `${change.now_ms} ${held.part} ${to} ${change.note}` : '',
    duplicate: change.duplicate ? JSON.stringify(change.duplicate) : '',
  });
  return word === 'changed' ? { word, status: rest[0] as TaskStatus } : { word };
}
