import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { moneyOf, unitsOf } from './batchRecord.ts';
import {
  changeBatch,
  countOpenLines,
  createBatch,
  endLine,
  type NewBatch,
  openLines,
  readBatch,
  readReasons,
  releaseLines,
  stopBatch,
} from './batchStore.ts';
import { newBatchId } from './ids.ts';

const file = redisOfFile();
const created_at_ms = Date.UTC(2026, 0, 1);
const neverLate = Date.UTC(2100, 0, 1);
const price = unitsOf('0.0390');

const newBatch = (changes: Partial<NewBatch> = {}): NewBatch => ({
  id: newBatchId(),
  key_id: 'k_0123456789abcdef',
  weight: 1,
  fingerprint: 'f'.repeat(64),
  currency: 'USD',
  endpoint: '/v1/images/generations',
  input_file_id: 'file-x',
  completion_window: '24h',
  priority: 'batch',
  created_at_ms,
  expires_at_ms: created_at_ms + 86_400_000,
  ...changes,
});

/** A batch that is in progress. @param maxCost  decimal */
async function running(maxCost?: string) {
  const batch = newBatch({ max_cost: maxCost });
  await createBatch(file, batch, neverLate);
  await changeBatch(file, batch.id, 'start', created_at_ms, { total: 10 });
  return { id: batch.id, max_cost_units: maxCost === undefined ? undefined : unitsOf(maxCost) };
}

const lines = (...costs: number[]) => costs.map((cost, i) => ({ next_byte: (i + 1) * 10, cost }));
const refusal = { status_code: 400, code: 'invalid_request', message: 'no' };
const completed = { outcome: 'completed' as const, images: 1, cost_units: price };

test('a batch reads back as it was written; the same again is a repeat, another a clash', async () => {
  const order = { metadata: { a: 'b' }, run_window: { from: '22:00', to: '06:00', time_zone: 'UTC' }, max_cost: '1.5' };
  const batch = newBatch({ ...order, concurrency: 5, webhook: { url: 'https://x', metadata: null } });
  expect(await createBatch(file, batch, neverLate)).toBe('created');
  expect(await readBatch(file, batch.id)).toMatchObject({ ...batch, status: 'validating', total: 0, spent: 0 });
  expect(await createBatch(file, batch, neverLate)).toBe('repeated');
  expect(await createBatch(file, { ...batch, fingerprint: 'e'.repeat(64) }, neverLate)).toBe('clash');
  expect(await createBatch(file, newBatch(), created_at_ms)).toBe('late');
  expect(await readBatch(file, newBatchId())).toBeUndefined();
});

describe('lines', () => {
  test('are passed on once, in their order, whoever tries', async () => {
    const batch = await running();
    expect(await releaseLines(file, batch, 0, lines(price, price))).toBe(2);
    expect(await releaseLines(file, batch, 0, lines(price, price))).toBe('moved');
    expect(await releaseLines(file, batch, 2, [{ next_byte: 30, reason: refusal }, ...lines(price)])).toBe(2);
    expect(await openLines(file, batch.id)).toEqual([0, 1, 3]);
    expect(await readReasons(file, batch.id, [1, 2])).toEqual([undefined, refusal]);
    expect(await readBatch(file, batch.id)).toMatchObject({ cursor_line: 4, failed: 1, reserved: 3 * price });
  });

  test('are counted once, and what they held is given back', async () => {
    const batch = await running();
    await releaseLines(file, batch, 0, lines(2 * price, 0));
    expect(await endLine(file, batch.id, 0, completed)).toBe(true);
    expect(await endLine(file, batch.id, 0, completed)).toBe(false);
    expect(await endLine(file, batch.id, 1, { outcome: 'failed', images: 0, cost_units: 0, reason: refusal })).toBe(
      true,
    );
    expect(await readBatch(file, batch.id)).toMatchObject({
      completed: 1,
      failed: 1,
      images: 1,
      spent: price,
      reserved: 0,
    });
    expect(await readReasons(file, batch.id, [0, 1])).toEqual([undefined, refusal]);
    expect(await countOpenLines(file, batch.id)).toBe(0);
  });

  test('that the budget does not bear are not released, until others have cost less than they might', async () => {
    const batch = await running('0.1000');
    expect(await releaseLines(file, batch, 0, lines(price, price, price))).toBe(2);
    expect(await releaseLines(file, batch, 2, lines(price))).toBe(0);
    await endLine(file, batch.id, 0, { outcome: 'failed', images: 0, cost_units: 0 });
    expect(await releaseLines(file, batch, 2, lines(price))).toBe(1);
  });

  test('of a batch that was stopped or canceled are not released', async () => {
    const stopped = await running();
    await stopBatch(file, stopped.id, 'batch_expired');
    await stopBatch(file, stopped.id, 'budget_exceeded');
    expect(await releaseLines(file, stopped, 0, lines(price))).toBe('stopped');
    expect((await readBatch(file, stopped.id))!.stopped).toBe('batch_expired');
    const canceled = await running();
    await changeBatch(file, canceled.id, 'cancel', created_at_ms);
    expect(await releaseLines(file, canceled, 0, lines(price))).toBe('stopped');
  });

  test('whatever is released and ends in whatever order, the budget is never passed', async () => {
    const step = fc.record({
      release: fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 5 }),
      ends: fc.nat(4),
      paid: fc.nat(100),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const batch = { ...(await running('0.00000100')) };
        const held = new Map<number, number>();
        let next = 0;
        for (const { release, ends, paid } of steps) {
          const passed = release.length > 0 ? await releaseLines(file, batch, next, lines(...release)) : 0;
          if (typeof passed !== 'number') throw new Error(passed);
          for (let i = 0; i < passed; i++) held.set(next + i, release[i]!);
          next += passed;
          for (const [line, most] of [...held].slice(0, ends)) {
            const cost_units = Math.floor((most * paid) / 100);
            await endLine(file, batch.id, line, { outcome: 'completed', images: 1, cost_units });
            held.delete(line);
          }
          const { spent, reserved } = (await readBatch(file, batch.id))!;
          expect(spent + reserved).toBeLessThanOrEqual(100);
          expect(reserved).toBe([...held.values()].reduce((sum, one) => sum + one, 0));
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('a batch’s status', () => {
  test('follows its graph, and does not end while lines are open', async () => {
    const batch = await running();
    await releaseLines(file, batch, 0, lines(price));
    expect(await changeBatch(file, batch.id, 'complete', created_at_ms)).toBe('not_allowed');
    expect(await changeBatch(file, batch.id, 'finalize', created_at_ms)).toBe('lines_open');
    await endLine(file, batch.id, 0, completed);
    expect(await changeBatch(file, batch.id, 'finalize', created_at_ms)).toBe('changed');
    expect(await changeBatch(file, batch.id, 'cancel', created_at_ms)).toBe('not_allowed');
    expect(await changeBatch(file, batch.id, 'complete', created_at_ms + 5, { output_file_id: 'file-o' })).toBe(
      'changed',
    );
    expect(await readBatch(file, batch.id)).toMatchObject({
      status: 'completed',
      completed_at_ms: created_at_ms + 5,
      output_file_id: 'file-o',
    });
    expect(await file.redis.zscore(file.keys.runningBatches(batch.id), batch.id)).toBeNull();
    expect(await file.redis.zscore(file.keys.endedBatches(batch.id), batch.id)).toBe(String(created_at_ms + 5));
    expect(await changeBatch(file, newBatchId(), 'start', created_at_ms)).toBe('missing');
  });
});

test('money is whole units, there and back', () => {
  expect([unitsOf('0.0390'), unitsOf('12'), unitsOf('0.00000001')]).toEqual([3_900_000, 1_200_000_000, 1]);
  expect([moneyOf(3_900_000), moneyOf(0), moneyOf(1), moneyOf(123_456_789_000)]).toEqual([
    '0.0390',
    '0.0000',
    '0.00000001',
    '1234.56789',
  ]);
  fc.assert(fc.property(fc.nat({ max: 2 ** 50 }), (units) => void expect(unitsOf(moneyOf(units))).toBe(units)));
});
