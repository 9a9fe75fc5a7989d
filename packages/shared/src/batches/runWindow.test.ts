import { expect, test } from 'vitest';
import { isOpen, opensAt, RunWindow } from './runWindow.ts';

const berlin = { from: '22:00', to: '06:00', time_zone: 'Europe/Berlin' };
const at = (iso: string) => Date.parse(iso);

test.each([
  ['2026-01-10T21:00:00Z', true],
  ['2026-01-10T20:59:59Z', false],
  ['2026-01-11T04:59:59Z', true],
  ['2026-01-11T05:00:00Z', false],
  ['2026-07-10T20:00:00Z', true],
  ['2026-07-10T19:59:00Z', false],
])('a window over midnight, in its own time zone: %s is %s', (iso, open) => {
  expect(isOpen(berlin, at(iso))).toBe(open);
});

test('a window within a day, and one that is always open', () => {
  const noon = { from: '09:00', to: '17:00', time_zone: 'UTC' };
  expect([8, 9, 16, 17].map((hour) => isOpen(noon, Date.UTC(2026, 0, 1, hour)))).toEqual([false, true, true, false]);
  expect(isOpen({ ...noon, to: '09:00' }, Date.UTC(2026, 0, 1, 3))).toBe(true);
});

test('it opens at the minute, also on the days when clocks are changed', () => {
  expect(opensAt(berlin, at('2026-01-10T12:34:56Z'))).toBe(at('2026-01-10T21:00:00Z'));
  expect(opensAt(berlin, at('2026-01-10T23:00:00Z'))).toBe(at('2026-01-10T23:00:00Z'));
  const night = { from: '02:30', to: '03:30', time_zone: 'Europe/Berlin' };
  // On 2026-03-29 there is no 02:30: the clock goes from 02:00 to 03:00.
  expect(opensAt(night, at('2026-03-28T23:00:00Z'))).toBe(at('2026-03-29T01:00:00Z'));
  expect(opensAt(night, at('2026-10-24T22:00:00Z'))).toBe(at('2026-10-25T00:30:00Z'));
});

test.each([
  { ...berlin, from: '24:00' },
  { ...berlin, to: '6:00' },
  { ...berlin, time_zone: 'Europe/Nowhere' },
  { from: '22:00', to: '06:00' },
])('refused: %j', (window) => expect(RunWindow.safeParse(window).success).toBe(false));
