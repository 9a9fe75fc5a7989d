import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { type DurationStore, durationStore, type Finished, type Learned } from './durationStore.ts';
import { memoryTasks } from './durations.ts';
import { durationsInMemory } from './testing/durationsInMemory.ts';

const redisOf = redisOfFile();
const storeOf = () => durationStore({ redis: redisOf.redis, keys: redisOf.keys });
let kinds = 0;
const newKind = () => ({ channel: 'main', model: 'NanoBanana', n: ++kinds });
const finished = (bucket: number, lean = 0): Finished => ({
  durations: [
    { bucket, mass: 0.75 },
    { bucket: bucket + 1, mass: 0.25 },
  ],
  progress: [{ bucket: 167, mass: 1 }],
  lean,
});
const massOf = (sketch: Float64Array) => sketch.reduce((sum, mass) => sum + mass, 0);

/** Both to six digits: Redis keeps nine. */
function expectEqual(a: Learned, b: Learned): void {
  expect(a.count).toBe(b.count);
  for (const name of ['durations', 'progress'] as const) {
    for (let i = 0; i < a[name].length; i++) {
      // Crumbs are dropped in Redis.
      if (Math.abs(a[name][i]! - b[name][i]!) > 2e-4) expect.fail(`${name} ${i}: ${a[name][i]} and ${b[name][i]}`);
    }
  }
}

test('what is learned in Redis is what is learned in memory', { timeout: 60_000 }, async () => {
  const note = fc.record({
    bucket: fc.integer({ min: 0, max: 600 }),
    lean: fc.double({ min: -1, max: 1, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(note, { minLength: 1, maxLength: 60 }), fc.nat({ max: 70 }), async (notes, known) => {
      const [kind, memory] = [newKind(), durationsInMemory()];
      for (const { bucket, lean } of notes) {
        const [inRedis, inMemory] = await Promise.all(
          [storeOf(), memory].map((store: DurationStore) => store.note(kind, finished(bucket, lean), known)),
        );
        expect(inRedis === undefined).toBe(inMemory === undefined);
        if (inRedis && inMemory) expectEqual(inRedis, inMemory);
      }
      expectEqual(await storeOf().read(kind), await memory.read(kind));
    }),
    { numRuns: 20 },
  );
});

test('thousands of tasks, with durations that change, leave it bounded and right', { timeout: 60_000 }, async () => {
  const [kind, memory] = [newKind(), durationsInMemory()];
  for (let task = 0; task < 2500; task++) {
    const one = finished(200 + (task % 40) + Math.floor(task / 100), task % 700 > 680 ? 1 : 0);
    await Promise.all([storeOf().note(kind, one, 10 ** 6), memory.note(kind, one, 10 ** 6)]);
  }
  const learned = await storeOf().read(kind);
  expectEqual(learned, await memory.read(kind));
  expect(massOf(learned.durations)).toBeGreaterThan(memoryTasks - 2);
  expect(massOf(learned.durations)).toBeLessThanOrEqual(memoryTasks);
  const key = redisOf.keys.durations('main', 'NanoBanana', kind.n);
  expect(await redisOf.redis.hlen(key)).toBeLessThan(120);
  expect(await redisOf.redis.pttl(key)).toBeGreaterThan(29 * 86_400_000);
});

test('workers that tell at once lose nothing of each other', async () => {
  const kind = newKind();
  await Promise.all(Array.from({ length: 40 }, (_, i) => storeOf().note(kind, finished(100 + i), 0)));
  const { count, durations } = await storeOf().read(kind);
  expect(count).toBe(40);
  expect(massOf(durations)).toBeCloseTo(memoryTasks * (1 - (1 - 1 / memoryTasks) ** 40), 6);
});

test('leaning one way for long makes the past fade nine times as fast', async () => {
  const kind = newKind();
  for (let i = 0; i < 60; i++) await storeOf().note(kind, finished(200), 0);
  for (let i = 0; i < 30; i++) await storeOf().note(kind, finished(300, 1), 0);
  const { durations } = await storeOf().read(kind);
  expect(durations[200]! / massOf(durations)).toBeLessThan(0.2);
});

test('all is told to who knows nothing or little, not to who knows nearly all, and again once Redis has lost it', async () => {
  const kind = newKind();
  const store = storeOf();
  expect((await store.note(kind, finished(100), 0))?.count).toBe(1);
  for (let i = 0; i < 199; i++) await store.note(kind, finished(100), 10 ** 6);
  expect((await store.note(kind, finished(100), 184))?.count).toBe(201);
  expect(await store.note(kind, finished(100), 195)).toBeUndefined();
  await redisOf.redis.del(redisOf.keys.durations('main', 'NanoBanana', kind.n));
  expect((await store.note(kind, finished(100), 202))?.count).toBe(1);
});
