import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDeeperThan } from './jsonDepth.ts';

const isDeeper = (text: string, levels: number) => isDeeperThan(Buffer.from(text), levels);

/** How deep a value nests, as its parsed form tells. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

test('it agrees with what JSON.parse builds, however the text is written', () => {
  const tricky = fc.oneof(fc.string(), fc.constantFrom('[', '{"', '\\', '\\"', '"]', '[[[[{{{{', '\\\\"'));
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 8, depthSize: 'large' },
      tricky,
      fc.double(),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(tricky, tie('any'), { maxKeys: 3 }),
    ),
  })).any;
  fc.assert(
    fc.property(value, fc.nat({ max: 10 }), fc.constantFrom(undefined, 1, '\t'), (json, levels, space) => {
      const text = JSON.stringify(json, null, space);
      expect(isDeeper(text, levels)).toBe(depthOf(JSON.parse(text)) > levels);
    }),
    { numRuns: 1000 },
  );
});

test('the bound itself is allowed, one more is not', () => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
  expect([isDeeper(nested(20), 20), isDeeper(nested(21), 20)]).toEqual([false, true]);
  expect(isDeeper(`[${'{"a":[]},'.repeat(1000)}1]`, 3)).toBe(false);
});

test.each(['"[[[[', '"\\', '"\\"[[[[', '', '"', '\\"[', 'nonsense', ']]]]'])(
  'the broken text %j is judged without end or throw',
  (text) => {
    expect(isDeeper(text, 3)).toBe(false);
  },
);

test('a deep text is found deep although it never closes', () => {
  expect(isDeeper('[{'.repeat(100_000), 20)).toBe(true);
});

test('only its own bytes are looked at, wherever they stand in memory', () => {
  const pool = Buffer.from('[[[[[[1]]]]]]');
  expect(isDeeperThan(new Uint8Array(pool.buffer, pool.byteOffset + 6, 1), 0)).toBe(false);
});

test('random bytes never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(typeof isDeeperThan(bytes, 3)).toBe('boolean');
    }),
  );
});
