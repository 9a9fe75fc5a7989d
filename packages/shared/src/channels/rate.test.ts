import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import type { Turn } from './askToSubmit.ts';
import { gateOf } from './testing/gate.ts';

const redisOf = redisOfFile();

/** Submits as often as the gate lets it; each time lies between the two of its pair. */
async function series(gate: ReturnType<typeof gateOf>, count: number) {
  const gone: { before: number; after: number }[] = [];
  while (gone.length < count) {
    const before = gate.now();
    const turn = await gate.ask();
    const after = gate.now();
    if (turn.word === 'go') gone.push({ before, after });
    else {
      expect(turn.reason).toBe('rate');
      expect(turn.wait_ms).toBeGreaterThanOrEqual(1);
      await gate.travel(turn.wait_ms);
    }
  }
  return gone;
}

test.each([7, 60, 600, 1200])('%i submissions a minute are never exceeded, and nearly reached', async (perMinute) => {
  const interval = 60_000 / perMinute;
  const gate = gateOf(redisOf, perMinute);
  const gone = await series(gate, 120);
  for (const [i, first] of gone.entries()) {
    for (const [k, later] of gone.slice(i + 1).entries()) {
      // Two may leave at once after a quiet time; of any longer run all but one keep their distance.
      expect(later.after - first.before).toBeGreaterThanOrEqual(k * interval - 1);
    }
  }
  const took = gone.at(-1)!.after - gone[0]!.before;
  expect(took).toBeLessThan(120 * interval * 1.1 + 2000);
});

test('a quiet hour saves up no more than the burst of two', async () => {
  const gate = gateOf(redisOf, 60);
  await series(gate, 5);
  await gate.travel(3_600_000);
  const words = [await gate.ask(), await gate.ask(), await gate.ask(), await gate.ask()].map(({ word }) => word);
  expect(words).toEqual(['go', 'go', 'wait', 'wait']);
});

test('who is told to wait takes no turn', async () => {
  const gate = gateOf(redisOf, 6);
  await series(gate, 2);
  for (let i = 0; i < 50; i++) expect((await gate.ask()).word).toBe('wait');
  const turn = await gate.ask();
  expect(turn.word === 'wait' && turn.wait_ms).toBeLessThanOrEqual(10_000);
});

test('many workers that ask at once share one rate', async () => {
  const gate = gateOf(redisOf, 6);
  const turns = await Promise.all(Array.from({ length: 100 }, () => gate.ask()));
  expect(turns.filter(({ word }) => word === 'go')).toHaveLength(2);
});

test('without a rate nobody waits', async () => {
  const gate = gateOf(redisOf, 0);
  const turns = await Promise.all(Array.from({ length: 100 }, () => gate.ask()));
  expect(turns.every(({ word }) => word === 'go')).toBe(true);
});

test('turns asked for together are those that would have been had one by one', async () => {
  const [together, single] = [gateOf(redisOf, 6), gateOf(redisOf, 6)];
  const turn = await together.ask(65_000, 100);
  expect(turn.word === 'go' && turn.turns).toBe(2);
  const waits = await together.ask(65_000, 100);
  await series(single, 2);
  const alone = await single.ask();
  // Both have drawn on the rate for two: the next is let go at nearly the same distance.
  expect(Math.abs(waitOf(waits) - waitOf(alone))).toBeLessThan(1000);
  const free = await gateOf(redisOf, 0).ask(65_000, 100);
  expect(free.word === 'go' && free.turns).toBe(100);
});

const waitOf = (turn: Turn) => (turn.word === 'wait' ? turn.wait_ms : 0);

test('channels do not share a rate', async () => {
  const [one, other] = [gateOf(redisOf, 6), gateOf(redisOf, 6)];
  await series(one, 2);
  expect((await one.ask()).word).toBe('wait');
  expect((await other.ask()).word).toBe('go');
});
