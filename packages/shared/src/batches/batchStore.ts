import type { z } from 'zod';
import { changeRecord, script } from '../redis/index.ts';
import { type Fields, jsonOfPairs, type Records } from '../tasks/index.ts';
import { type Batch, type BatchOrder, type BatchStatus, batchVersion, parseBatch } from './batchRecord.ts';
import type { BatchId } from './ids.ts';

const run = {
  create: script(new URL('./lua/createBatch.lua', import.meta.url), {
    keys: ['batch', 'running'],
    args: ['id', 'fingerprint', 'late_after', 'now', 'fields'],
    returns: ['created', 'repeated', 'clash', 'late'],
  }),
  change: script(new URL('./lua/changeBatch.lua', import.meta.url), {
    keys: ['batch', 'running', 'ended', 'open'],
    args: ['id', 'from', 'to', 'ends', 'now', 'fields'],
    returns: ['changed', 'missing', 'not_allowed', 'lines_open'],
  }),
  release: script(new URL('./lua/releaseLines.lua', import.meta.url), {
    keys: ['batch', 'open', 'refused'],
    args: ['line', 'max_cost', 'lines'],
    returns: ['released', 'moved', 'stopped'],
  }),
  end: script(new URL('./lua/endLine.lua', import.meta.url), {
    keys: ['batch', 'open', 'refused'],
    args: ['line', 'outcome', 'images', 'cost', 'reason'],
    returns: ['counted', 'known'],
  }),
};

export type NewBatch = z.output<typeof BatchOrder> & {
  id: BatchId;
  key_id: string;
  weight: number;
  fingerprint: string;
  currency: string;
  created_at_ms: number;
  expires_at_ms: number;
};

/**
 * Writes a batch: first into its API key's index (an entry without a record is harmless), then the record.
 * @param late_after_ms  ms since the epoch by Redis' clock; a script that runs later writes nothing
 */
export async function createBatch({ redis, keys }: Records, batch: NewBatch, late_after_ms: number) {
  const { id, fingerprint, ...rest } = batch;
  await redis.zadd(keys.batchesOf(batch.key_id), 'NX', batch.created_at_ms, id);
  const fields = { v: batchVersion, ...rest, status: 'validating' } satisfies Fields;
  const { word } = await run.create(
    redis,
    { batch: keys.batch(id), running: keys.runningBatches(id) },
    { id, fingerprint, late_after: late_after_ms, now: batch.created_at_ms, fields: jsonOfPairs(fields) },
  );
  return word;
}

/** @returns undefined when there is none @throws InvariantBroken; when Redis does not answer */
export async function readBatch({ redis, keys }: Records, id: BatchId): Promise<Batch | undefined> {
  return parseBatch(await redis.hgetall(keys.batch(id)));
}

const transitions = {
  start: { from: ['validating'], to: 'in_progress', ends: false },
  fail: { from: ['validating'], to: 'failed', ends: true },
  cancel: { from: ['validating', 'in_progress'], to: 'cancelling', ends: false },
  finalize: { from: ['in_progress'], to: 'finalizing', ends: false },
  complete: { from: ['finalizing'], to: 'completed', ends: true },
  expire: { from: ['finalizing'], to: 'expired', ends: true },
  end_canceled: { from: ['cancelling'], to: 'cancelled', ends: true },
} as const satisfies Record<string, { from: readonly BatchStatus[]; to: BatchStatus; ends: boolean }>;

export type BatchChange = keyof typeof transitions;

/**
 * Changes a batch's status, all or nothing.
 * @returns 'changed', or why not: 'missing'; 'not_allowed' (read it again); 'lines_open' (lines of it have not ended)
 */
export async function changeBatch(
  { redis, keys }: Records,
  id: BatchId,
  change: BatchChange,
  now_ms: number,
  fields: Fields = {},
) {
  const { from, to, ends } = transitions[change];
  const { word } = await run.change(
    redis,
    { batch: keys.batch(id), running: keys.runningBatches(id), ended: keys.endedBatches(id), open: keys.openLines(id) },
    { id, from: from.join(), to, ends: ends ? 1 : 0, now: now_ms, fields: jsonOfPairs(fields) },
  );
  return word;
}

/** A line to pass on: what it may cost at most, in money units, or why it is refused. */
export type LineToRelease = { next_byte: number } & ({ cost: number } | { reason: LineReason });

/** Why a line has no task. */
export type LineReason = { status_code: number; code: string; message: string };

/**
 * Passes lines on, in their order.
 * @param line  number of the first, counted from 0
 * @returns how many were passed on, fewer than given where the budget does not bear the next one; 'moved' when another
 *   process did; 'stopped' when the batch releases nothing any more
 */
export async function releaseLines(
  { redis, keys }: Records,
  batch: Pick<Batch, 'id'> & { max_cost_units: number | undefined },
  line: number,
  lines: readonly LineToRelease[],
): Promise<number | 'moved' | 'stopped'> {
  const given = lines.map((one) => ('reason' in one ? { ...one, reason: JSON.stringify(one.reason) } : one));
  const id = batch.id as BatchId;
  const { word, rest } = await run.release(
    redis,
    { batch: keys.batch(id), open: keys.openLines(id), refused: keys.refusedLines(id) },
    { line, max_cost: batch.max_cost_units ?? '', lines: JSON.stringify(given) },
  );
  return word === 'released' ? Number(rest[0]) : word;
}

/** How a released line ended. `reason` where it has no task. */
export type LineEnd = { outcome: 'completed' | 'failed'; images: number; cost_units: number; reason?: LineReason };

/** Counts the end of a released line. Telling it twice is telling it once. @returns whether it was news */
export async function endLine({ redis, keys }: Records, id: BatchId, line: number, end: LineEnd): Promise<boolean> {
  const { word } = await run.end(
    redis,
    { batch: keys.batch(id), open: keys.openLines(id), refused: keys.refusedLines(id) },
    {
      line,
      outcome: end.outcome,
      images: end.images,
      cost: end.cost_units,
      reason: end.reason ? JSON.stringify(end.reason) : '',
    },
  );
  return word === 'counted';
}

/** Has a batch release nothing more; the first reason stands. */
export async function stopBatch({ redis, keys }: Records, id: BatchId, reason: NonNullable<Batch['stopped']>) {
  const batch = keys.batch(id);
  if ((await redis.hget(batch, 'stopped')) === null) {
    await changeRecord(redis, batch, { fields: JSON.stringify(['stopped', reason]) });
  }
}

/** Numbers of the lines that were released and have not ended, in order. */
export async function openLines({ redis, keys }: Records, id: BatchId): Promise<number[]> {
  return (await redis.hkeys(keys.openLines(id))).map(Number).sort((a, b) => a - b);
}

export const countOpenLines = ({ redis, keys }: Records, id: BatchId): Promise<number> =>
  redis.hlen(keys.openLines(id));

/** Why lines were refused, in the order they are asked for; undefined for one that was not. */
export async function readReasons({ redis, keys }: Records, id: BatchId, lines: readonly number[]) {
  if (lines.length === 0) return [];
  const found = await redis.hmget(keys.refusedLines(id), ...lines.map(String));
  return found.map((reason) => (reason === null ? undefined : (JSON.parse(reason) as LineReason)));
}
