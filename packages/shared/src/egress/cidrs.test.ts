import { expect, test } from 'vitest';
import { parseCidrs } from './cidrs.ts';
import { judgeAddress } from './judgeAddress.ts';

const read = (text: string) => parseCidrs(text).map(({ base, prefix }) => `${base}/${prefix}`);

test('a list is divided by commas or white space, and a bare address is a block of one', () => {
  expect(read(' 10.1.0.0/16, fd00::/8\n192.168.7.9,::1 ,')).toEqual([
    '10.1.0.0/16',
    'fd00::/8',
    '192.168.7.9/32',
    '::1/128',
  ]);
  expect(read('')).toEqual([]);
  expect(read('0.0.0.0/0 ::/0')).toEqual(['0.0.0.0/0', '::/0']);
  expect(read('::ffff:10.0.0.1')).toEqual(['10.0.0.1/32']);
});

test.each([
  ['10.0.0.0/33', 'has a bad prefix length; it must be 0 to 32'],
  ['fd00::/129', 'has a bad prefix length; it must be 0 to 128'],
  ['10.0.0.0/', 'has a bad prefix length'],
  ['10.0.0.0/-1', 'has a bad prefix length'],
  ['10.0.0.0/8.0', 'has a bad prefix length'],
  ['10.0.0.1/8', 'has bits set after its prefix'],
  ['fd00::1/64', 'has bits set after its prefix'],
  ['::ffff:10.0.0.0/104', 'is an IPv4-mapped block; write it as an IPv4 block'],
  ['010.0.0.0/8', 'is not an address block'],
  ['10.0.0/8', 'is not an address block'],
  ['10.0.0.0/8/8', 'is not an address block'],
  ['fe80::1%eth0', 'is not an address block'],
  ['localhost', 'is not an address block'],
  ['[::1]', 'is not an address block'],
])('%s is refused by name', (entry, words) => {
  expect(() => parseCidrs(`192.168.0.0/16, ${entry}, 10.0.0.0/8`)).toThrow(`"${entry}" ${words}`);
});

test('a list of all IPv4 opens no IPv6, nor the other way round', () => {
  expect(judgeAddress('10.0.0.1', parseCidrs('0.0.0.0/0'))).toBe('listed');
  expect(judgeAddress('::ffff:10.0.0.1', parseCidrs('0.0.0.0/0'))).toBe('listed');
  expect(judgeAddress('fd00::1', parseCidrs('0.0.0.0/0'))).toBe('forbidden');
  expect(judgeAddress('fd00::1', parseCidrs('::/0'))).toBe('listed');
  expect(judgeAddress('::ffff:10.0.0.1', parseCidrs('::/0'))).toBe('forbidden');
});
