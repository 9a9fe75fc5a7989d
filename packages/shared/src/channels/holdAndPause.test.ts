import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { pauseChannel, resumeChannel } from './operateGate.ts';
import { gateOf } from './testing/gate.ts';

const redisOf = redisOfFile();

test('after "not now" nobody submits for just as long', async () => {
  const gate = gateOf(redisOf);
  expect(await gate.note({ outcome: 'not_now', hold_ms: 5000 })).toBe('held');
  const turn = await gate.ask();
  expect(turn).toMatchObject({ word: 'wait', reason: 'held' });
  expect(turn.word === 'wait' && turn.wait_ms).toBeGreaterThan(4000);
  expect(turn.word === 'wait' && turn.wait_ms).toBeLessThanOrEqual(5000);
  expect(await gate.read()).toMatchObject({ state: 'closed', reason: 'the upstream asked to wait' });
  await gate.travel(5000);
  expect(await gate.ask()).toEqual({ word: 'go', turns: 1, kind: 'normal' });
  expect(await gate.read()).toEqual({ state: 'closed', reason: null, until: null });
});

test('a shorter hold never cuts a longer one short', async () => {
  const gate = gateOf(redisOf);
  await gate.note({ outcome: 'not_now', hold_ms: 60_000 });
  await gate.note({ outcome: 'not_now', hold_ms: 1000 });
  await gate.note({ outcome: 'answered' });
  await gate.travel(50_000);
  expect(await gate.ask()).toMatchObject({ word: 'wait', reason: 'held' });
});

test('a hold of part of a millisecond is a hold', async () => {
  const gate = gateOf(redisOf);
  expect(await gate.note({ outcome: 'not_now', hold_ms: 1234.5 })).toBe('held');
  expect(await gate.ask()).toMatchObject({ reason: 'held' });
});

test('a hold uses up no rate', async () => {
  const gate = gateOf(redisOf, 6);
  await gate.note({ outcome: 'not_now', hold_ms: 1000 });
  for (let i = 0; i < 10; i++) await gate.ask();
  await gate.travel(1000);
  expect([(await gate.ask()).word, (await gate.ask()).word, (await gate.ask()).word]).toEqual(['go', 'go', 'wait']);
});

test('a paused channel submits nothing until it is resumed, whatever else holds', async () => {
  const gate = gateOf(redisOf);
  await pauseChannel(redisOf, gate.channel.id);
  expect(await gate.ask()).toMatchObject({ word: 'wait', reason: 'paused' });
  expect(await gate.read()).toEqual({ state: 'paused', reason: 'paused by an operator', until: null });
  await gate.travel(86_400_000);
  expect(await gate.ask()).toMatchObject({ word: 'wait', reason: 'paused' });
  await gate.note({ outcome: 'answered' });
  expect(await gate.ask()).toMatchObject({ reason: 'paused' });
  await resumeChannel(redisOf, gate.channel.id);
  expect((await gate.ask()).word).toBe('go');
});
