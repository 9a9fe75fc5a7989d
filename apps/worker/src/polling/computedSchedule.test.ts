import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Chance } from '../../../../tests/simulation/chance.ts';
import { computedSchedule } from './computedSchedule.ts';
import type { DurationStore } from './durationStore.ts';
import { growingPause } from './growingPause.ts';
import { durationsInMemory } from './testing/durationsInMemory.ts';
import { simulateTasks } from './testing/simulateTasks.ts';

const bounds = { min_ms: 1000, max_ms: 60_000 };
const kind = { channel: 'main', model: 'NanoBanana', n: 1 };
const calm = { failures: 0, asked_ms: 0, left_ms: Number.POSITIVE_INFINITY };

function scheduleOf(store: DurationStore, chance = new Chance(1), onTrouble = (_: unknown) => undefined) {
  return computedSchedule({ bounds, target_delay_ms: 1000, store, onTrouble, random: () => chance.draw() });
}

/** Evenly spread over a third around the median: ends neither all alike nor all over the place. */
const around = (median_ms: number, chance: Chance) => median_ms * (0.83 + chance.draw() / 3);

async function learnedFrom(median_ms: number, count = 200) {
  const [store, chance] = [durationsInMemory(), new Chance(7)];
  const schedule = scheduleOf(store, chance);
  await simulateTasks(schedule, { count, inFlight: 5, durationOf: () => around(median_ms, chance) });
  return { store, schedule, chance };
}

const told = () => new Promise((resolve) => setImmediate(resolve));

test('before enough is known, pauses are a tenth of the time taken', async () => {
  const { schedule } = await learnedFrom(12_000, 10);
  for (const elapsed_ms of [0, 5000, 25_000, 10 ** 7]) {
    const next = schedule.watch(kind).next({ ...calm, elapsed_ms });
    expect(next).toBe(growingPause(bounds, elapsed_ms));
  }
});

test('what is known saves the polls at which nothing ends', async () => {
  const { schedule } = await learnedFrom(12_000);
  const first = schedule.watch(kind).next({ ...calm, elapsed_ms: 0 });
  expect(first).toBeGreaterThan(8000);
  expect(first).toBeLessThan(13_000);
});

test('a new worker begins with what others have learned', async () => {
  const { store } = await learnedFrom(12_000);
  const fresh = scheduleOf(store);
  expect(fresh.watch(kind).next({ ...calm, elapsed_ms: 0 })).toBe(bounds.min_ms);
  await told();
  expect(fresh.watch(kind).next({ ...calm, elapsed_ms: 0 })).toBeGreaterThan(8000);
});

test('a task taken over in the middle is asked for by how long it has run', async () => {
  const { schedule } = await learnedFrom(12_000);
  const next = schedule.watch(kind).next({ ...calm, elapsed_ms: 9000 });
  expect(next).toBeLessThan(5000);
});

test('other channels, models and numbers of pictures are other kinds', async () => {
  const { schedule } = await learnedFrom(12_000);
  for (const other of [{ channel: 'spare' }, { model: 'NanoBanana2-1K' }, { n: 2 }]) {
    expect(schedule.watch({ ...kind, ...other }).next({ ...calm, elapsed_ms: 0 })).toBe(bounds.min_ms);
  }
});

test.each([
  ['doubled', 24_000],
  ['halved', 6000],
])('200 tasks after durations have %s, polls follow', async (_change, median_ms) => {
  const { schedule, chance } = await learnedFrom(12_000);
  await simulateTasks(schedule, { count: 200, inFlight: 5, durationOf: () => around(median_ms, chance) });
  const last = await simulateTasks(schedule, { count: 100, inFlight: 5, durationOf: () => around(median_ms, chance) });
  const mean = (of: (task: (typeof last)[number]) => number) => last.reduce((sum, task) => sum + of(task), 0) / 100;
  expect(mean(({ delay_ms }) => delay_ms)).toBeLessThan(1500);
  expect(mean(({ polls }) => polls)).toBeLessThan(median_ms / 5000 + 1);
});

test('honest progress saves polls, and progress that says nothing costs none', async () => {
  const run = async (progressOf?: (elapsed: number, duration: number) => number) => {
    const chance = new Chance(3);
    const tasks = { inFlight: 5, durationOf: () => 12_000 * (0.5 + chance.draw()), progressOf };
    const schedule = scheduleOf(durationsInMemory(), chance);
    await simulateTasks(schedule, { ...tasks, count: 300 });
    const noticed = await simulateTasks(schedule, { ...tasks, count: 300 });
    return noticed.reduce((sum, { polls, delay_ms }) => sum + polls + delay_ms / 1000, 0) / 300;
  };
  const without = await run();
  expect(await run((elapsed, duration) => Math.floor((100 * elapsed) / duration))).toBeLessThan(0.75 * without);
  expect(await run((elapsed) => Math.min(99, Math.floor((elapsed * 7919) % 97)))).toBeLessThan(1.15 * without);
  expect(await run(() => 50)).toBeLessThan(1.15 * without);
});

test('Redis that is away or does not answer leaves the prior, and what was known', async () => {
  const errors: unknown[] = [];
  const away: DurationStore = {
    read: () => Promise.reject(new Error('Connection is closed.')),
    note: () => Promise.reject(new Error('Connection is closed.')),
  };
  const schedule = scheduleOf(away, new Chance(1), (error) => void errors.push(error));
  expect(schedule.watch(kind).next({ ...calm, elapsed_ms: 0 })).toBe(bounds.min_ms);
  await schedule.watch(kind).ended({ after_ms: 10, by_ms: 20 });
  expect(errors.length).toBeGreaterThan(1);
  const { store, schedule: warm } = await learnedFrom(12_000);
  store.note = () => new Promise(() => undefined);
  // Far more than may be on their way at once: what is too much is dropped and waits for nothing.
  const ends = Array.from({ length: 300 }, () => warm.watch(kind).ended({ after_ms: 9000, by_ms: 12_000 }));
  await Promise.race([told(), ...ends.slice(100)]);
  expect(warm.watch(kind).next({ ...calm, elapsed_ms: 0 })).toBeGreaterThan(8000);
});

test('two polls are never closer than the floor, never further apart than the bound', { timeout: 60_000 }, async () => {
  const learned = await Promise.all([learnedFrom(3000), learnedFrom(12_000), learnedFrom(200_000, 60)]);
  fc.assert(
    fc.property(
      fc.constantFrom(...learned),
      fc.nat({ max: 400_000 }),
      fc.integer({ min: 1000, max: 400_000 }),
      fc.option(fc.record({ percent: fc.nat({ max: 100 }), elapsed_ms: fc.nat({ max: 400_000 }) }), { nil: undefined }),
      ({ schedule }, elapsed_ms, left_ms, reading) => {
        const watch = schedule.watch(kind);
        if (reading) watch.progressed(reading.percent, reading.elapsed_ms);
        const free = watch.next({ ...calm, elapsed_ms });
        expect(free).toBeGreaterThanOrEqual(bounds.min_ms);
        expect(free).toBeLessThanOrEqual(bounds.max_ms);
        const pause = watch.next({ ...calm, elapsed_ms, left_ms });
        expect(pause).toBeGreaterThanOrEqual(bounds.min_ms);
        expect(pause).toBeLessThanOrEqual(left_ms);
        const rest = left_ms - pause;
        expect(rest === 0 || rest >= bounds.min_ms, 'the poll at the deadline is no closer either').toBe(true);
      },
    ),
  );
});

test('a pause that the upstream asks for is kept, and never goes past the deadline', async () => {
  const { schedule } = await learnedFrom(12_000);
  const watch = schedule.watch(kind);
  expect(watch.next({ ...calm, elapsed_ms: 9000, asked_ms: 100_000 })).toBe(100_000);
  expect(watch.next({ ...calm, elapsed_ms: 9000, asked_ms: 100_000, left_ms: 40_000 })).toBe(40_000);
  expect(watch.next({ ...calm, elapsed_ms: 9000, left_ms: -5 })).toBe(0);
  expect(watch.next({ ...calm, elapsed_ms: 9000, failures: 9 })).toBe(bounds.max_ms);
});
