import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { gateOf } from './testing/gate.ts';

const redisOf = redisOfFile();
const failed = { outcome: 'failed', reason: 'the upstream answered 502' } as const;
const refused = { outcome: 'refused_channel', reason: 'the upstream refused the channel (401)' } as const;

type Gate = ReturnType<typeof gateOf>;

/** How long the circuit stays open from now, to the second. */
async function openFor(gate: Gate): Promise<number> {
  const turn = await gate.ask();
  expect(turn).toMatchObject({ word: 'wait', reason: 'open' });
  return turn.word === 'wait' ? Math.ceil(turn.wait_ms / 1000) : 0;
}

test('a refusal of the channel opens the circuit at once, and says why and until when', async () => {
  const gate = gateOf(redisOf);
  expect(await gate.note(refused)).toBe('open');
  expect(await openFor(gate)).toBe(30);
  const state = await gate.read();
  expect(state).toMatchObject({ state: 'open', reason: refused.reason });
  expect(Date.parse(state.until!) - Date.now()).toBeGreaterThan(29_000);
});

test('five failures in a row open it, four do not, and an answer starts the count anew', async () => {
  const gate = gateOf(redisOf);
  for (let i = 0; i < 4; i++) expect(await gate.note(failed)).toBe('closed');
  expect((await gate.ask()).word).toBe('go');
  expect(await gate.note({ outcome: 'answered' })).toBe('closed');
  for (let i = 0; i < 4; i++) expect(await gate.note(failed)).toBe('closed');
  expect(await gate.note(failed)).toBe('open');
  expect(await openFor(gate)).toBe(30);
});

test('submissions that were under way when it opened do not prolong the pause', async () => {
  const gate = gateOf(redisOf);
  await gate.note(refused);
  await gate.travel(10_000);
  for (let i = 0; i < 20; i++) expect(await gate.note(i % 2 ? failed : refused)).toBe('open');
  expect(await openFor(gate)).toBe(20);
  await gate.travel(20_000);
  expect(await gate.note(refused)).toBe('open');
  expect(await gate.ask()).toEqual({ word: 'go', turns: 1, kind: 'probe' });
});

test('after the pause one probe leaves, and no second one before word of it', async () => {
  const gate = gateOf(redisOf);
  await gate.note(refused);
  await gate.travel(30_000);
  const turns = await Promise.all(Array.from({ length: 20 }, () => gate.ask()));
  expect(turns.filter(({ word }) => word === 'go')).toEqual([{ word: 'go', turns: 1, kind: 'probe' }]);
  for (const turn of turns) {
    if (turn.word === 'wait') expect(turn).toMatchObject({ reason: 'probing', wait_ms: 1000 });
  }
  expect(await gate.read()).toMatchObject({ state: 'half_open', reason: refused.reason });
});

test('a probe that is answered closes the circuit, and the next pause is short again', async () => {
  const gate = gateOf(redisOf);
  await gate.note(refused);
  await gate.travel(30_000);
  await gate.ask();
  expect(await gate.note({ outcome: 'answered' })).toBe('closed');
  expect(await gate.ask()).toEqual({ word: 'go', turns: 1, kind: 'normal' });
  expect(await gate.read()).toEqual({ state: 'closed', reason: null, until: null });
  await gate.note(refused);
  expect(await openFor(gate)).toBe(30);
});

test('every failed probe doubles the pause, up to its bound', async () => {
  const gate = gateOf(redisOf);
  await gate.note(refused);
  const pauses = [];
  for (let i = 0; i < 6; i++) {
    const pause = await openFor(gate);
    pauses.push(pause);
    await gate.travel(pause * 1000);
    expect(await gate.ask()).toEqual({ word: 'go', turns: 1, kind: 'probe' });
    expect(await gate.note(i % 2 ? failed : refused)).toBe('open');
  }
  expect(pauses).toEqual([30, 60, 120, 240, 300, 300]);
});

test('a probe whose worker died is followed by another after its time', async () => {
  const gate = gateOf(redisOf);
  await gate.note(refused);
  await gate.travel(30_000);
  expect(await gate.ask(65_000)).toEqual({ word: 'go', turns: 1, kind: 'probe' });
  await gate.travel(64_000);
  expect(await gate.ask(65_000)).toMatchObject({ reason: 'probing' });
  await gate.travel(1000);
  expect(await gate.ask(65_000)).toEqual({ word: 'go', turns: 1, kind: 'probe' });
});

test('a probe that is asked to wait has been answered: the circuit closes, the hold holds', async () => {
  const gate = gateOf(redisOf);
  await gate.note(refused);
  await gate.travel(30_000);
  await gate.ask();
  expect(await gate.note({ outcome: 'not_now', hold_ms: 2000 })).toBe('held');
  expect(await gate.ask()).toMatchObject({ reason: 'held' });
  await gate.travel(2000);
  expect(await gate.ask()).toEqual({ word: 'go', turns: 1, kind: 'normal' });
});

test('a probe waits for the rate like everyone', async () => {
  const gate = gateOf(redisOf, 6);
  await gate.ask();
  await gate.ask();
  await gate.note(refused);
  await redisOf.redis.hset(gate.key, 'open_until', 1);
  expect(await gate.ask()).toMatchObject({ word: 'wait', reason: 'rate' });
  await gate.travel(20_000);
  expect(await gate.ask()).toEqual({ word: 'go', turns: 1, kind: 'probe' });
});
