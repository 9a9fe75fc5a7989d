import type { ObjectStore } from '../images/index.ts';
import { type GenerationQueue, removeWaiting } from '../queues/index.ts';
import {
  cancelTask,
  channelOf,
  isFinalStatus,
  jobIdOf,
  keepTask,
  manifestKey,
  manifestOf,
  parseRecord,
  type Records,
  readHash,
  type TaskRecord,
} from '../tasks/index.ts';

export type CancelDeps = {
  records: Records;
  /** every channel's queue, by channel id */
  queues: ReadonlyMap<string, GenerationQueue>;
  store: ObjectStore;
  /** told of every task that has ended, at least once */
  noteEnd: (task: TaskRecord) => Promise<void>;
  /** ms since the epoch */
  now: () => number;
};

/**
 * Cancels a task in its record: at once, and for good. What works on it, or waits for it, is to be stopped after that.
 * @param onlyQueued  leaves a task alone of which anything has begun
 * @throws when Redis does not answer
 */
export const cancelRecord = ({ records, now }: CancelDeps, { id, key_id }: TaskRecord, onlyQueued = false) =>
  cancelTask(records, id, key_id, now(), onlyQueued);

/**
 * Stops what is left of a canceled task: waiting jobs leave their queue, running ones are told; its manifest is written.
 * The record says `canceled` already, so whatever fails here costs time, not truth.
 * @returns the task as it is now
 */
export async function stopCanceled(
  { records, queues, store, noteEnd }: CancelDeps,
  task: TaskRecord,
): Promise<TaskRecord | undefined> {
  for (const [index, part] of task.parts.entries()) {
    const job = jobIdOf(task.id, index);
    const channel = channelOf(task, part);
    const queue = queues.get(channel);
    const payer = { key_id: task.key_id, weight: task.weight ?? 1 };
    const waited = queue && (await removeWaiting(records.redis, queue, task.priority, payer, job));
    if (!waited) await records.redis.spublish(records.keys.cancels(channel), job);
  }
  const hash = await readHash(records, task.id);
  const canceled = parseRecord(hash);
  // A Redis that went back in time has forgotten the cancel, or the task.
  if (!canceled || !isFinalStatus(canceled.status)) return canceled;
  await store.put(manifestKey(task.id), manifestOf(hash), 'application/json');
  await noteEnd(canceled);
  await keepTask(records, task.id);
  return canceled;
}
