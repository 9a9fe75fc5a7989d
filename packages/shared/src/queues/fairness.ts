import type { Queue } from 'bullmq';
import { type RedisClient, script } from '../redis/index.ts';

const run = {
  draw: script(new URL('./lua/drawTags.lua', import.meta.url), {
    keys: ['waiting', 'tags'],
    args: ['key', 'count', 'stride', 'start', 'size'],
    returns: ['drawn'],
  }),
  shift: script(new URL('./lua/shiftBand.lua', import.meta.url), {
    keys: ['waiting', 'tags'],
    args: ['start', 'size', 'job'],
    returns: ['shifted'],
  }),
  pull: script(new URL('./lua/pullStragglers.lua', import.meta.url), {
    keys: ['waiting', 'tags'],
    args: ['start', 'size', 'job'],
    returns: ['pulled'],
  }),
  giveBack: script(new URL('./lua/giveTagBack.lua', import.meta.url), {
    keys: ['job', 'tags'],
    args: ['key', 'stride', 'start'],
    returns: ['given_back', 'kept'],
  }),
};

/** Two bands below BullMQ's limit of 2^21 - 1: every interactive job comes before every job of a batch. */
const bandSize = 2 ** 20 - 1;
const starts = { interactive: 1, batch: 2 ** 20 } as const;
export type Band = keyof typeof starts;
export const bands = Object.keys(starts) as Band[];

/** Where each band of priorities begins. */
export const bandStarts: readonly number[] = Object.values(starts);

/** Who is served: an API key, and its share beside the others' in the same band. */
export type Payer = { key_id: string; weight: number };

/**
 * Priorities for the next jobs of an API key: start-time fair queueing, within the band. A crash between this and the
 * adding of the jobs costs tags, nothing else.
 * @param count  of jobs
 * @throws when Redis does not answer or refuses writes
 */
export async function drawPriorities(
  redis: RedisClient,
  queue: Queue,
  band: Band,
  payer: Payer,
  count: number,
): Promise<number[]> {
  const [keys, start, stride] = [keysOf(queue, band), starts[band], strideOf(payer)];
  const { rest } = await run.draw(redis, keys, { key: payer.key_id, count, stride, start, size: bandSize });
  const [drawn, head] = rest.map(Number) as [number, number];
  const shifted = head > bandSize / 2 ? await run.shift(redis, keys, bandOf(queue, band)) : undefined;
  const first = drawn - Number(shifted?.rest[0] ?? 0);
  // A key that would leave the band waits at its end: fair no more, and lost never.
  return Array.from({ length: count }, (_, i) => Math.min(Math.floor(first + i * stride), start + bandSize - 1));
}

/**
 * Mends the order of a band after it was shifted down: jobs whose priority was drawn before and that were added after it
 * would wait behind everybody.
 * @returns how many there were
 */
export async function pullStragglers(redis: RedisClient, queue: Queue, band: Band): Promise<number> {
  const { rest } = await run.pull(redis, keysOf(queue, band), bandOf(queue, band));
  return Number(rest[0]);
}

/** Takes a job out of its queue, unserved. @returns false when it is worked on, and stays */
export async function removeWaiting(
  redis: RedisClient,
  queue: Queue,
  band: Band,
  payer: Payer,
  jobId: string,
): Promise<boolean> {
  const { tags } = keysOf(queue, band);
  const given = { key: payer.key_id, stride: strideOf(payer), start: starts[band] };
  await run.giveBack(redis, { job: queue.toKey(jobId), tags }, given);
  return (await queue.remove(jobId)) > 0;
}

const strideOf = ({ weight }: Payer) => 1 / weight;

const bandOf = (queue: Queue, band: Band) => ({ start: starts[band], size: bandSize, job: queue.toKey('') });

const keysOf = (queue: Queue, band: Band) => ({
  waiting: queue.toKey('prioritized'),
  // Behind BullMQ's own keys, so that it goes with the queue.
  tags: queue.toKey(`fair:${band}`),
});
