import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fingerprintOf } from './fingerprint.ts';

/** The same JSON value, its members in another order at every depth. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, reversed(inner)]),
  );
}

test('member order and white space do not count', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const respaced = JSON.parse(JSON.stringify(reversed(value), null, 3));
      expect(fingerprintOf(respaced)).toBe(fingerprintOf(value));
    }),
  );
});

test('different requests differ', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      fc.pre(JSON.stringify(reversed(reversed(a))) !== JSON.stringify(b));
      const same = fingerprintOf(a) === fingerprintOf(b);
      // Only the order of members may tell two values with one fingerprint apart.
      if (same) expect(a).toEqual(b);
    }),
  );
});

test.each([
  [
    ['a', 'b'],
    ['b', 'a'],
  ],
  [['a,b'], ['a', 'b']],
  [{ n: 1 }, { n: '1' }],
  [{ a: null }, {}],
  [{ a: { b: 1 } }, { a: 1, b: 1 }],
  [{ 'a":1,"b': 1 }, { a: 1, b: 1 }],
  [[], {}],
])('%j and %j are told apart', (a, b) => {
  expect(fingerprintOf(a)).not.toBe(fingerprintOf(b));
});

test('a member that is undefined counts as absent', () => {
  expect(fingerprintOf({ a: 1, b: undefined })).toBe(fingerprintOf({ a: 1 }));
});

test('it is hex sha256, the same in every release', () => {
  expect(fingerprintOf({ b: [1, 'x'], a: null })).toBe(
    'c22cb7b0353770e2b38094af641143ebf008ddf2d1f2dedb9d875996fcf245fa',
  );
});
