import { expect, test } from 'vitest';
import { Receivers } from './receivers.ts';

function receiversAt() {
  let now = 0;
  const receivers = new Receivers(() => now, 1000);
  const fail = (name: string, times: number) => {
    for (let i = 0; i < times; i++) {
      expect(receivers.take(name)).toBe(0);
      receivers.done(name, false);
    }
  };
  return { receivers, fail, pass: (ms: number) => (now += ms) };
}

test('one receiver gets four deliveries at once, and takes no place of another', () => {
  const { receivers } = receiversAt();
  for (let i = 0; i < 4; i++) expect(receivers.take('slow')).toBe(0);
  expect(receivers.take('slow')).toBeGreaterThan(0);
  expect(receivers.take('other')).toBe(0);
  receivers.done('slow', true);
  expect(receivers.take('slow')).toBe(0);
});

test('one that fails is left alone, longer each time, and is tried with one delivery first', () => {
  const { receivers, fail, pass } = receiversAt();
  fail('dead', 5);
  expect(receivers.take('dead')).toBe(1000);
  pass(1000);
  expect(receivers.take('dead')).toBe(0);
  expect(receivers.take('dead')).toBeGreaterThan(0);
  receivers.done('dead', false);
  expect(receivers.take('dead')).toBe(2000);
  pass(2000);
  fail('dead', 1);
  expect(receivers.take('dead')).toBe(4000);
  pass(4000);
  expect(receivers.take('dead')).toBe(0);
  receivers.done('dead', true);
  for (let i = 0; i < 4; i++) expect(receivers.take('dead')).toBe(0);
});

test('one that asks for less is left alone at once, for as long as it says, five minutes at most', () => {
  const { receivers } = receiversAt();
  expect(receivers.take('busy')).toBe(0);
  receivers.done('busy', false, 30_000);
  expect(receivers.take('busy')).toBe(30_000);
  expect(receivers.take('busier')).toBe(0);
  receivers.done('busier', false, 86_400_000);
  expect(receivers.take('busier')).toBe(300_000);
});
