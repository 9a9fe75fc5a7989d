import { expect, test } from 'vitest';
import { refusalOf } from '../../../../tests/world/problemOf.ts';
import { waitOfPrefer, waitOfQuery } from './waitPreference.ts';

test.each<[string | undefined, number]>([
  [undefined, 0],
  ['', 0],
  ['wait=10', 10_000],
  ['WAIT = "10"', 10_000],
  ['respond-async, wait=5', 5000],
  ['wait=5; foo=bar', 5000],
  ['wait=0', 0],
  ['wait=600', 60_000],
  ['wait=999999', 60_000],
  ['wait=soon', 0],
  ['wait=-1', 0],
  ['await=5', 0],
  ['wait=5000000000', 0],
  ['return=minimal', 0],
])('Prefer: %s holds the answer for %i ms', (header, ms) => expect(waitOfPrefer(header)).toBe(ms));

test.each<[unknown, number]>([
  [undefined, 0],
  ['0', 0],
  ['2', 2000],
  ['1.5', 1500],
  ['60', 60_000],
  ['61', 60_000],
  ['999999', 60_000],
])('?wait=%s holds the answer for %i ms', (value, ms) => expect(waitOfQuery(value)).toBe(ms));

test.each(['', '-1', 'soon', '1e3', 'Infinity', '1.5.5', ' 1', ['1', '2'], { a: '1' }])(
  '?wait=%j is refused',
  (value) => {
    expect(refusalOf(() => waitOfQuery(value))).toEqual(['invalid_request', 'wait']);
  },
);
