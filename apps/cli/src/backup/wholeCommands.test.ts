import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { commandOf, wholeCommands } from './wholeCommands.ts';

const set = commandOf('SET', 'a', 'pear — Birne');
const transaction = Buffer.concat([commandOf('MULTI'), set, commandOf('INCR', 'b'), commandOf('EXEC')]);
const file = Buffer.concat([commandOf('SELECT', '0'), Buffer.from('#TS:1700000000\r\n'), set, transaction, set]);

/** The file as if it were read in pieces of so many bytes. */
const passed = async (bytes: Buffer, piece: number) => {
  const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, i) =>
    bytes.subarray(i * piece, (i + 1) * piece),
  );
  return Buffer.concat(await Array.fromAsync(wholeCommands(Readable.from(pieces))));
};

test('a whole file passes as it is, in pieces of whatever size', async () => {
  for (const piece of [1, 2, 7, 64, file.length]) expect(await passed(file, piece)).toEqual(file);
  expect(await passed(Buffer.alloc(0), 1)).toEqual(Buffer.alloc(0));
});

test('wherever a file is cut off, what passes ends with a whole command, and outside a transaction', async () => {
  const before = file.length - set.length;
  const ends = [23, 39, 39 + set.length, before, file.length];
  for (let length = 0; length <= file.length; length++) {
    const end = Math.max(0, ...ends.filter((one) => one <= length));
    expect((await passed(file.subarray(0, length), 16)).length).toBe(end);
  }
});

test.each([
  ['at the beginning', Buffer.from('REDIS0011'), 0],
  ['behind a command', Buffer.concat([set, Buffer.from('!!')]), set.length],
  ['within a length', Buffer.from('*2x\r\n'), 0],
])('what is damaged %s is told with its place', async (_where, bytes, place) => {
  await expect(passed(bytes, 4)).rejects.toThrow(`damaged at byte ${place}:`);
});
