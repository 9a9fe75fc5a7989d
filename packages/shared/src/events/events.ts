import { script } from '../redis/index.ts';
import type { Records, TaskRecord, TaskStatus } from '../tasks/index.ts';

/** What a stream tells of a task. */
export const streamEvents = [
  'task.queued',
  'task.started',
  'task.progress',
  'task.succeeded',
  'task.failed',
  'task.canceled',
] as const;
export type StreamEvent = (typeof streamEvents)[number];

/** One event of a key's stream. `id` is Redis' own: ordered, and opaque to clients. */
export type Entry = { id: string; event: StreamEvent; task_id: string };

const append = script(new URL('./lua/appendEvent.lua', import.meta.url), {
  keys: ['stream', 'seen', 'told'],
  args: ['name', 'task', 'detail', 'now', 'most', 'keep'],
  returns: ['appended', 'known'],
});

/** Events that are kept of a key: who was away for longer begins with the state as it is. */
const kept = 10_000;
const keptMs = 24 * 3_600_000;

/**
 * How often a process makes a key's events last on and trims what marks them as told: at every event it would be half
 * of what an event costs. At a thousand events a second ten thousand marks too many stand until then.
 */
const renewEveryMs = 10_000;

/** When this process did so last, by connection and name of the stream; there are as many as API keys. */
const renewals = new WeakMap<Records['redis'], Map<string, number>>();

/**
 * Tells a key's streams of a task. Telling it twice is telling it once.
 * @param detail  what makes it another event of the same name: the percentage of a progress
 * @throws when Redis does not answer
 */
export async function appendEvent(
  { redis, keys }: Records,
  { key_id, id }: Pick<TaskRecord, 'key_id' | 'id'>,
  event: StreamEvent,
  now_ms: number,
  detail: string | number = '',
): Promise<void> {
  const stream = keys.events(key_id);
  const renewedAt = renewals.get(redis) ?? new Map<string, number>();
  renewals.set(redis, renewedAt);
  const renews = now_ms - (renewedAt.get(stream) ?? 0) >= renewEveryMs;
  const { word } = await append(
    redis,
    { stream, seen: keys.eventsSeen(key_id), told: keys.eventsTold(key_id) },
    { name: event, task: id, detail, now: now_ms, most: kept, keep: renews ? keptMs : 0 },
  );
  if (renews && word === 'appended') renewedAt.set(stream, now_ms);
}

/** The event that says what a task is now. */
export function eventOf(status: TaskStatus): StreamEvent {
  if (status === 'queued') return 'task.queued';
  return status === 'in_progress' ? 'task.started' : `task.${status}`;
}

/** The end of a key's stream: what comes after this id is news. */
export async function lastEventId({ redis, keys }: Records, keyId: string): Promise<string> {
  const [last] = await redis.xrevrange(keys.events(keyId), '+', '-', 'COUNT', 1);
  return last?.[0] ?? '0-0';
}

/**
 * The events after an id.
 * @returns undefined when some of them may have been dropped since
 */
export async function eventsAfter({ redis, keys }: Records, keyId: string, id: string): Promise<Entry[] | undefined> {
  const stream = keys.events(keyId);
  const [first] = await redis.xrange(stream, '-', '+', 'COUNT', 1);
  // Whoever stands before the first that is kept may have missed what came before it.
  if (id !== '0-0' && (!first || isBefore(id, first[0]!))) {
    const dropped = first ? true : id !== '0-0';
    if (dropped && !(await wasLast(redis, stream, id))) return undefined;
  }
  const entries = await redis.xrange(stream, `(${id}`, '+');
  return entries.map(([entryId, fields]) => entryOf(entryId!, fields!));
}

async function wasLast(redis: Records['redis'], stream: string, id: string): Promise<boolean> {
  return (await redis.xrange(stream, id, id)).length > 0;
}

/** An event as it was published. */
export function parseTold(message: string): Entry {
  const [id, event, task_id] = message.split(' ') as [string, StreamEvent, string];
  return { id, event, task_id };
}

function entryOf(id: string, fields: string[]): Entry {
  const at = (name: string) => fields[fields.indexOf(name) + 1]!;
  return { id, event: at('event') as StreamEvent, task_id: at('task') };
}

/** Whether one id of a stream comes before another: `<ms>-<number>`. */
export function isBefore(a: string, b: string): boolean {
  const [aMs, aNumber, bMs, bNumber] = [...a.split('-'), ...b.split('-')].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  return aMs === bMs ? aNumber < bNumber : aMs < bMs;
}

export const isEventId = (text: string): boolean => /^\d{1,15}-\d{1,15}$/.test(text);
