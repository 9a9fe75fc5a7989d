import { expect, test } from 'vitest';
import { formatAofManifest, lastIncrement, parseAofManifest } from './aofManifest.ts';

const text = `file appendonly.aof.2.base.rdb seq 2 type b
file appendonly.aof.1.incr.aof seq 1 type h
file appendonly.aof.9.incr.aof seq 9 type i startoffset 12
file appendonly.aof.10.incr.aof seq 10 type i
`;

test('a manifest is read, and written as Redis reads it', () => {
  const files = parseAofManifest(text);
  expect(files.map(({ kind }) => kind)).toEqual(['base', 'history', 'increment', 'increment']);
  expect(formatAofManifest(files)).toBe(text.replace(' startoffset 12', ''));
});

test('what Redis writes to is the increment of the highest number', () => {
  expect(lastIncrement(parseAofManifest(text)).name).toBe('appendonly.aof.10.incr.aof');
});

test.each(['', 'file ../x seq 1 type i', 'file a seq 1 type b\n', 'nonsense'])('%j is refused', (bad) => {
  expect(() => parseAofManifest(bad)).toThrow(/manifest of the append-only file/);
});
