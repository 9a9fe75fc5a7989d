import { type Claim, claimPart } from '../claimPart.ts';
import { createTask, type NewTask } from '../createTask.ts';
import { newTaskId } from '../ids.ts';
import type { TaskRecord } from '../record.ts';
import type { Records } from '../records.ts';

/** A time that is easy to read in a failure: 2026-01-01T00:00:00.000Z. */
export const created_at_ms = Date.UTC(2026, 0, 1);

/** Later than any test runs: no create is ever late. */
export const never_late_ms = Date.UTC(2100, 0, 1);

/** A task as admission makes it. */
export function orderOf(changes: Partial<NewTask> = {}): NewTask {
  const { part_sizes = [1], request, ...rest } = changes;
  return {
    id: newTaskId(),
    key_id: 'k_0123456789abcdef',
    channel: 'default',
    fingerprint: 'f'.repeat(64),
    request: {
      model: 'NanoBanana',
      prompt: 'a pear',
      task_type: 'text2image',
      inputs: [],
      aspect_ratio: null,
      output_format: null,
      n: part_sizes.reduce((sum, n) => sum + n, 0),
      ...request,
    },
    labels: {},
    priority: 'interactive',
    unit_price: '0.0390',
    currency: 'USD',
    part_sizes,
    created_at_ms,
    deadline_at_ms: created_at_ms + 3_600_000,
    ...rest,
  };
}

/** Writes a task, and returns what was written. */
export async function ordered(records: Records, changes: Partial<NewTask> = {}): Promise<NewTask> {
  const order = orderOf(changes);
  const word = await createTask(records, order, never_late_ms);
  if (word !== 'created') throw new Error(`the order was ${word}`);
  return order;
}

/** Claims a part of a task that is known to be unfinished. */
export async function claimed(records: Records, { id }: Pick<NewTask, 'id'>, part = 0) {
  const claim = await claimPart(records, id, part);
  const { task } = claim as Exclude<Claim, { word: 'missing' }>;
  if (claim.word !== 'claimed') throw new Error(`the part is ${claim.word}`);
  return { held: { id, part, fence: task.parts[part]!.fence }, task: task as TaskRecord };
}
