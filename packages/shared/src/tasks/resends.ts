import { script } from '../redis/index.ts';
import type { TaskId } from './ids.ts';
import type { Records } from './records.ts';

/** How long an SDK's own repeats can come: OpenAI's client gives up a request after 10 minutes. */
const windowMs = 15 * 60_000;

/** Of equal requests within the window so many are told apart. */
const sentMax = 1000;

/** What one answer adds to a task's score; the rest of the score is when it was sent. Also in findSent.lua. */
const answer = 2 ** 42;

const note = script(new URL('./lua/noteSent.lua', import.meta.url), {
  keys: ['sent'],
  args: ['id', 'now', 'window', 'most'],
  returns: ['noted'],
});

const find = script(new URL('./lua/findSent.lua', import.meta.url), {
  keys: ['sent'],
  args: ['now', 'window'],
  returns: ['found', 'none'],
});

/** A request of an SDK that sends by itself again what it had no good answer to. */
export type SentRequest = { key_id: string; fingerprint: string };

/**
 * Remembers which task a request is about to become. To be called before the task is made: an API that dies in between
 * leaves the id behind, and the repeat makes the task under it.
 * @param now_ms  ms since the epoch
 */
export async function noteSent({ redis, keys }: Records, request: SentRequest, id: string, now_ms: number) {
  await note(
    redis,
    { sent: keys.sent(request.key_id, request.fingerprint) },
    { id, now: now_ms, window: windowMs, most: sentMax },
  );
}

/**
 * The task that an earlier sending of the same request became, or was about to become, within the last 15 minutes.
 * @returns undefined when the earlier sendings never arrived
 */
export async function findSent<Id extends string = TaskId>(
  { redis, keys }: Records,
  request: SentRequest,
  now_ms: number,
): Promise<Id | undefined> {
  const sent = keys.sent(request.key_id, request.fingerprint);
  const { word, rest } = await find(redis, { sent }, { now: now_ms, window: windowMs });
  return word === 'found' ? (String(rest[0]) as Id) : undefined;
}

/** Says that a task's answer went out whole: a repeat of an equal request is likelier another one's. */
export async function noteAnswered({ redis, keys }: Records, request: SentRequest, id: TaskId): Promise<void> {
  await redis.zadd(keys.sent(request.key_id, request.fingerprint), 'XX', 'INCR', answer, id);
}
