import { expect } from 'vitest';
import { awaited } from './world/awaited.ts';
import { batchAnswers, endedBatch, linesOf, openaiOf, startBatch } from './world/openaiBatches.ts';
import { test, type World } from './world/world.ts';

/** A time of day in UTC, so many hours from now. */
const hour = (ahead: number) => new Date(Date.now() + ahead * 3_600_000).toISOString().slice(11, 16);

const submitted = (world: World, name: string) =>
  world.upstream.submissions().filter(({ prompt }) => prompt.startsWith(name)).length;

/** A batch whose worker has looked at it, and put it off. */
async function putOff(world: World, id: string): Promise<number> {
  const { redis, keys } = world.records;
  const delayed = `${keys.batchPrefix()}:batches:delayed`;
  await awaited(async () => (await redis.zscore(delayed, id)) !== null);
  const score = await redis.zscore(delayed, id);
  // BullMQ keeps the time of a delayed job in the upper bits of its score.
  return Math.floor(Number(score) / 0x1000);
}

test('a batch does not begin before `not_before`, and leaves the worker until then', async ({ world }) => {
  const not_before = new Date(Date.now() + 3_600_000).toISOString();
  const { id } = await startBatch(world, linesOf(3, 'later'), { not_before });
  expect(await putOff(world, id)).toBe(Date.parse(not_before));
  expect((await openaiOf(world).batches.retrieve(id)).status).toBe('in_progress');
  expect(submitted(world, 'later')).toBe(0);
  await openaiOf(world).batches.cancel(id);
  expect(await endedBatch(world, id)).toMatchObject({ status: 'cancelled', request_counts: { total: 3, failed: 3 } });
});

test('a batch whose time has come begins by itself', async ({ world }) => {
  const not_before = new Date(Date.now() + 1500).toISOString();
  const { id } = await startBatch(world, linesOf(3, 'soon'), { not_before });
  const batch = await endedBatch(world, id);
  expect(batch.request_counts).toMatchObject({ completed: 3 });
  const first = world.upstream.submissions().find(({ prompt }) => prompt.startsWith('soon'))!;
  expect(first.at).toBeGreaterThanOrEqual(Date.parse(not_before));
});

test('a night batch runs in its window only, across midnight and in its own time zone', async ({ world }) => {
  const open = { from: hour(-1), to: hour(2), time_zone: 'UTC' };
  const shut = { from: hour(2), to: hour(-1), time_zone: 'UTC' };
  const [night, day] = [
    await startBatch(world, linesOf(3, 'night'), { run_window: open }),
    await startBatch(world, linesOf(3, 'day'), { run_window: shut }),
  ];
  expect((await endedBatch(world, night.id)).request_counts).toMatchObject({ completed: 3 });
  const opens = await putOff(world, day.id);
  expect(new Date(opens).toISOString().slice(11, 16)).toBe(shut.from);
  expect(submitted(world, 'day')).toBe(0);
  await openaiOf(world).batches.cancel(day.id);
});

test('lines that are not done when the completion window closes are expired; those in flight end', async ({
  world,
}) => {
  const gate = world.upstream.gate('poll', { prompt: 'expired' });
  const { id } = await startBatch(world, linesOf(20, 'expired'), { concurrency: 4 });
  await world.upstream.until(() => submitted(world, 'expired') === 4);
  await gate.arrived;
  // A window has at least a minute; this one's end is brought forward.
  const { redis, keys } = world.records;
  await redis.hset(keys.batch(id), 'expires_at_ms', Date.now());
  await awaited(async () => (await redis.hget(keys.batch(id), 'stopped')) === 'batch_expired');
  gate.release();
  const batch = await endedBatch(world, id);
  expect(batch).toMatchObject({ status: 'expired', request_counts: { total: 20, completed: 4, failed: 16 } });
  const errors = await batchAnswers(world, batch.error_file_id);
  expect(errors.map(({ error }) => error?.code)).toEqual(Array(16).fill('batch_expired'));
  expect(await batchAnswers(world, batch.output_file_id)).toHaveLength(4);
  expect(submitted(world, 'expired')).toBe(4);
});
