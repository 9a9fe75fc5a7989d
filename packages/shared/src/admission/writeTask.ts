import { Problem } from '../errors/index.ts';
import { isRedisUnavailable, type Keep, NotOnDisk } from '../redis/index.ts';
import { confirmTask, createTask, type NewTask, type Records, type TaskRecord, withdrawTask } from '../tasks/index.ts';
import type { Logger } from '../telemetry/index.ts';

export type WriteDeps = {
  records: Records;
  /** runs a write and waits until it is kept as the configuration promises */
  keep: Keep;
  /** when a write counts as kept: once Redis has it, or once it is on its disk */
  acknowledge: 'none' | 'fsync';
  logger: Logger;
  now: () => number;
};

/** A create may still be written to Redis this long after it was sent; the API's own commands time out before. */
const createWithinMs = 2000;

/**
 * Writes a task's record and waits until it is kept. One that Redis took and did not sync is taken back, since its
 * client is told that nothing was accepted.
 * @throws when Redis does not answer or refuses writes, or its disk does not take them
 */
export async function writeTask({ records, keep, logger }: WriteDeps, task: NewTask) {
  const { keys } = records;
  let word: Awaited<ReturnType<typeof createTask>> | undefined;
  try {
    return await keep(async (redis) => {
      word = await createTask({ redis, keys }, task, task.created_at_ms + createWithinMs);
      return word;
    });
  } catch (error) {
    if (word === 'created' && error instanceof NotOnDisk) await takeBack({ records, logger }, task);
    throw error;
  }
}

async function takeBack({ records, logger }: Pick<WriteDeps, 'records' | 'logger'>, { id }: NewTask): Promise<void> {
  try {
    const word = await withdrawTask(records, id);
    logger.warn({ task: id, word }, 'not on the disk of Redis in time; taken back unless somebody has relied on it');
  } catch (error) {
    if (!isRedisUnavailable(error)) throw error;
    logger.warn({ task: id }, 'not on the disk of Redis in time, and could not be taken back: it may still run');
  }
}

/**
 * Waits until a task that was written before, perhaps a moment ago by another request, is kept as well as one that is
 * written now.
 * @throws Problem when it was taken back meanwhile; when the disk of Redis does not take it
 */
export async function confirmKept({ records, keep, acknowledge, now }: WriteDeps, { id }: TaskRecord): Promise<void> {
  if (acknowledge === 'none') return;
  const word = await keep((redis) => confirmTask({ redis, keys: records.keys }, id, now()));
  if (word === 'missing') {
    throw new Problem('queue_unavailable', 'The task was not kept; send the request again.', { retryAfterSeconds: 5 });
  }
}
