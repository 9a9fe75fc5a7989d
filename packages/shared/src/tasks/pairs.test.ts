import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonOfPairs } from './pairs.ts';

test('values become what a hash can hold', () => {
  const fields = { text: 'a', number: 1.5, yes: true, no: false, list: [1], object: { a: 'ü' }, absent: undefined };
  expect(JSON.parse(jsonOfPairs(fields))).toEqual([
    ...['text', 'a', 'number', '1.5', 'yes', '1', 'no', '0', 'list', '[1]', 'object', '{"a":"ü"}'],
  ]);
});

test('any text survives the way', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string({ unit: 'binary' })), (fields) => {
      const pairs = JSON.parse(jsonOfPairs(fields)) as string[];
      expect(pairs).toEqual(Object.entries(fields).flat());
    }),
  );
});
