import { script } from '../redis/index.ts';
import type { TaskId } from './ids.ts';
import { jsonOfPairs, textsOf } from './pairs.ts';
import {
  type GenerationRequest,
  parseRecord,
  partField,
  recordVersion,
  type TaskRecord,
  type Webhook,
} from './record.ts';
import type { Records } from './records.ts';

const run = script(new URL('./lua/createTask.lua', import.meta.url), {
  keys: ['task', 'open'],
  args: ['id', 'fingerprint', 'late_after', 'now', 'fields'],
  returns: ['created', 'repeated', 'clash', 'late'],
});

/** A task that was let in and has a channel, but is not yet written. */
export type NewTask = {
  id: TaskId;
  key_id: string;
  /** share of its API key among those of the same priority; 1 when left out */
  weight?: number;
  /** whether it holds one of the places of a limited API key */
  placed?: true;
  /** whether it may be the repeat of a task that a restored Redis has forgotten */
  doubtful?: true;
  channel: string;
  /** hex sha256 of the parsed request */
  fingerprint: string;
  request: GenerationRequest;
  labels: Record<string, string>;
  priority: 'interactive' | 'batch';
  webhook?: Webhook;
  /** the batch whose line it is; lines are counted from 0 */
  batch?: { id: string; line: number };
  /** price of one picture, a decimal string */
  unit_price: string;
  currency: string;
  /** pictures to order per part; their sum is `request.n` */
  part_sizes: number[];
  created_at_ms: number;
  deadline_at_ms: number;
};

/**
 * Writes a task: first into its API key's index (an entry without a record is harmless), then the record.
 * @param late_after_ms  ms since the epoch by Redis' clock: the caller answers its client by then, and a script that
 *   runs later writes nothing
 * @returns 'created'; 'repeated' when the same request stands under this id; 'clash' when another does; 'late'
 * @throws when Redis does not answer or refuses writes
 */
export async function createTask(
  records: Records,
  task: NewTask,
  late_after_ms: number,
): Promise<'created' | 'repeated' | 'clash' | 'late'> {
  const { redis, keys } = records;
  const index = keys.tasksOf(task.key_id);
  const added = await redis.zadd(index, 'NX', task.created_at_ms, task.id);
  // An entry without a record is what a create left that died; as old as that one, it might just be removed.
  const isLeft = added === 0 && (await redis.exists(keys.task(task.id))) === 0;
  if (isLeft) await redis.zadd(index, task.created_at_ms, task.id);
  const { word } = await run(
    redis,
    { task: keys.task(task.id), open: keys.open(task.id) },
    {
      id: task.id,
      fingerprint: task.fingerprint,
      late_after: late_after_ms,
      now: task.created_at_ms,
      fields: jsonOfPairs(fieldsOf(task)),
    },
  );
  return word;
}

/** The record of a task as `createTask` writes it, without asking Redis for it. */
export function recordOf(task: NewTask): TaskRecord {
  const { id, fingerprint } = task;
  return parseRecord(Object.fromEntries(textsOf({ id, fingerprint, ...fieldsOf(task) })))!;
}

function fieldsOf(task: NewTask) {
  const { id: _id, fingerprint: _fingerprint, part_sizes, labels, ...rest } = task;
  const parts = part_sizes.flatMap((n, part) => [
    [partField(part, 'state'), 'queued'],
    [partField(part, 'n'), n],
  ]);
  return {
    v: recordVersion,
    ...rest,
    labels: Object.keys(labels).length > 0 ? labels : undefined,
    status: 'queued',
    parts: part_sizes.length,
    ...Object.fromEntries(parts),
  };
}
