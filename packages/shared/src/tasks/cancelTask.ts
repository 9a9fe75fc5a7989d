import { taskError } from '../errors/index.ts';
import { script } from '../redis/index.ts';
import type { TaskId } from './ids.ts';
import { endingKeys, type Records } from './records.ts';

const run = script(new URL('./lua/cancelTask.lua', import.meta.url), {
  keys: ['task', 'open', 'done', 'ends'],
  args: ['key_id', 'now', 'queued_error', 'flying_error', 'only_queued', 'note'],
  returns: ['canceled', 'finished', 'in_flight', 'missing'],
});

const queuedError = taskError('canceled', 'Canceled before it was submitted; nothing was charged.');
const flyingError = taskError(
  'canceled',
  'Canceled while it was in flight: the upstream may have accepted it and may still charge for it.',
);

/**
 * Cancels a task of this API key at once, in every state; a worker that holds a part of it can write no more.
 * @param onlyQueued  leaves a task alone of which anything has begun
 * @returns 'canceled'; 'finished' when it had ended before; 'in_flight' when it was left alone; 'missing' when there is
 *   none, or it is another key's
 */
export async function cancelTask(records: Records, id: TaskId, keyId: string, now_ms: number, onlyQueued = false) {
  const { word } = await run(records.redis, endingKeys(records, id), {
    key_id: keyId,
    now: now_ms,
    queued_error: JSON.stringify(queuedError),
    flying_error: JSON.stringify(flyingError),
    only_queued: onlyQueued ? 1 : 0,
    note: `${now_ms} - canceled by the client`,
  });
  return word;
}
