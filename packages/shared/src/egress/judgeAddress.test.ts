import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeAddress } from './judgeAddress.ts';
import { judgeUrl } from './judgeUrl.ts';
import { surfaceOf } from './testing/surfaces.ts';

// Written out as numbers, so that a mistake of the classifier's parser cannot hide in the test.
type Block = { first: bigint; bits: number };
const v4 = (a: number, b: number, c: number, d: number, prefix: number): Block => ({
  first: BigInt(a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d),
  bits: 32 - prefix,
});
const v6 = (first: bigint, groups: number, prefix: number): Block => ({
  first: first << BigInt(128 - 16 * groups),
  bits: 128 - prefix,
});

const forbidden4: Block[] = [
  v4(0, 0, 0, 0, 8),
  v4(10, 0, 0, 0, 8),
  v4(100, 64, 0, 0, 10),
  v4(127, 0, 0, 0, 8),
  v4(168, 63, 129, 16, 32),
  v4(169, 254, 0, 0, 16),
  v4(172, 16, 0, 0, 12),
  v4(192, 0, 0, 0, 24),
  v4(192, 0, 2, 0, 24),
  v4(192, 31, 196, 0, 24),
  v4(192, 52, 193, 0, 24),
  v4(192, 88, 99, 0, 24),
  v4(192, 168, 0, 0, 16),
  v4(192, 175, 48, 0, 24),
  v4(198, 18, 0, 0, 15),
  v4(198, 51, 100, 0, 24),
  v4(203, 0, 113, 0, 24),
  v4(224, 0, 0, 0, 4),
  v4(240, 0, 0, 0, 4),
];
const global6 = v6(0x2000n, 1, 3);
const forbidden6: Block[] = [
  v6(0x2001_0000n, 2, 23),
  v6(0x2001_0db8n, 2, 32),
  v6(0x2002n, 1, 16),
  v6(0x2620_004f_8000n, 3, 48),
  v6(0x3ffen, 1, 16),
  v6(0x3fffn, 1, 20),
];
const mapped = (ipv4: bigint) => 0xffff_0000_0000n + ipv4;

const sizeOf = ({ bits }: Block) => 1n << BigInt(bits);
const isIn = (block: Block, address: bigint) => address >= block.first && address < block.first + sizeOf(block);
/** Any address of one of the blocks; their first and last more often than chance would. */
const addressIn = (blocks: Block[]) =>
  fc.constantFrom(...blocks).chain((block) => {
    const last = block.first + sizeOf(block) - 1n;
    return fc.oneof(fc.constantFrom(block.first, last), fc.bigInt({ min: block.first, max: last }));
  });

const bytesOf = (address: bigint) => [24n, 16n, 8n, 0n].map((shift) => Number((address >> shift) & 255n));
const groupsOf = (address: bigint) => [7n, 6n, 5n, 4n, 3n, 2n, 1n, 0n].map((n) => (address >> (n * 16n)) & 0xffffn);
const dotted = (address: bigint) => bytesOf(address).join('.');

/** One number as URLs may write it: decimal, octal or hex, with any number of leading zeros. */
const numeral = (value: number) =>
  fc.tuple(fc.constantFrom('decimal', 'octal', 'hex', 'HEX'), fc.nat(3)).map(([kind, zeros]) => {
    if (kind === 'octal') return `0${'0'.repeat(zeros)}${value.toString(8)}`;
    if (kind === 'hex') return `0x${'0'.repeat(zeros)}${value.toString(16)}`;
    return kind === 'HEX' ? `0X${value.toString(16).toUpperCase()}` : String(value);
  });

/** An IPv4 address as a host: of one to four numerals, the last of which takes the bytes that are left. */
const ipv4Host = (address: bigint) =>
  fc.integer({ min: 1, max: 4 }).chain((parts) => {
    const bytes = bytesOf(address);
    const rest = bytes.slice(parts - 1).reduce((sum, byte) => sum * 256 + byte, 0);
    const numerals = [...bytes.slice(0, parts - 1), rest].map(numeral);
    return fc.tuple(fc.tuple(...numerals), fc.constantFrom('', '.')).map(([texts, dot]) => texts.join('.') + dot);
  });

/** An IPv6 address in text: upper or lower case, padded or not, zeros shortened or not, its end dotted or not. */
const ipv6Text = (address: bigint) =>
  fc.record({ upper: fc.boolean(), pad: fc.boolean(), short: fc.boolean(), dottedEnd: fc.boolean() }).map((form) => {
    const groups = groupsOf(address).map((group) => group.toString(16).padStart(form.pad ? 4 : 1, '0'));
    const end = form.dottedEnd ? [dotted(address & 0xffff_ffffn)] : groups.slice(6);
    const full = [...groups.slice(0, 6), ...end].join(':');
    const text = form.short ? full.replace(/(^|:)(0+:){2,}/, '::') : full;
    return form.upper ? text.toUpperCase() : text;
  });

const isRefusedHost = (host: string) => !judgeUrl(`https://${host}/`, surfaceOf()).ok;

describe('every address of a forbidden block is refused', () => {
  test('IPv4 in every form a URL may have', () => {
    const host = addressIn(forbidden4).chain((address) => ipv4Host(address));
    fc.assert(fc.property(host, isRefusedHost), { numRuns: 3000 });
  });

  test('IPv4 as a resolver or a socket writes it, mapped into IPv6 or not', () => {
    const text = addressIn(forbidden4).chain((address) =>
      fc.oneof(fc.constant(dotted(address)), ipv6Text(mapped(address))),
    );
    const property = fc.property(
      text,
      (address) => judgeAddress(address, []) === 'forbidden' && isRefusedLiteral(address),
    );
    fc.assert(property, { numRuns: 3000 });
  });

  test('IPv6 in every form', () => {
    const text = addressIn(forbidden6).chain(ipv6Text);
    const property = fc.property(
      text,
      (address) => judgeAddress(address, []) === 'forbidden' && isRefusedLiteral(address),
    );
    fc.assert(property, { numRuns: 3000 });
  });

  test('all IPv6 outside 2000::/3 but mapped IPv4', () => {
    const outside = fc
      .bigInt({ min: 0n, max: (1n << 128n) - 1n })
      .filter((one) => !isIn(global6, one) && one >> 32n !== 0xffffn);
    const property = fc.property(outside.chain(ipv6Text), (address) => judgeAddress(address, []) === 'forbidden');
    fc.assert(property, { numRuns: 3000 });
  });

  test('any IPv4, even a public one, carried inside IPv6 by translation or tunnel', () => {
    const ipv4 = fc.bigInt({ min: 0n, max: 0xffff_ffffn });
    const carried = ipv4.chain((address) =>
      fc.constantFrom(
        address, // IPv4-compatible
        (0xffffn << 48n) + address, // IPv4-translated
        (0x64_ff9bn << 96n) + address, // NAT64
        (0x64_ff9b_0001n << 80n) + address, // NAT64, local
        (0x2002n << 112n) + (address << 80n), // 6to4
        (0x2001_0000n << 96n) + (address ^ 0xffff_ffffn), // Teredo
      ),
    );
    const property = fc.property(carried.chain(ipv6Text), (address) => judgeAddress(address, []) === 'forbidden');
    fc.assert(property, { numRuns: 3000 });
  });

  test('what is no address at all', () => {
    for (const text of [
      '',
      'localhost',
      '127.1',
      '0177.0.0.1',
      '1.2.3',
      '::1%lo',
      '2606:4700::1%eth0',
      '[::1]',
      ' 8.8.8.8',
    ]) {
      expect(judgeAddress(text, []), text).toBe('forbidden');
    }
  });
});

describe('every other address is public', () => {
  test('IPv4', () => {
    const other = fc
      .bigInt({ min: 0n, max: 0xffff_ffffn })
      .filter((address) => !forbidden4.some((block) => isIn(block, address)));
    const text = other.chain((address) => fc.oneof(fc.constant(dotted(address)), ipv6Text(mapped(address))));
    fc.assert(fc.property(text, (address) => judgeAddress(address, []) === 'public'));
  });

  test('IPv6', () => {
    const other = addressIn([global6]).filter((address) => !forbidden6.some((block) => isIn(block, address)));
    fc.assert(fc.property(other.chain(ipv6Text), (address) => judgeAddress(address, []) === 'public'));
  });

  test('the neighbours of the blocks', () => {
    const size4 = 1n << 32n;
    for (const block of forbidden4) {
      for (const next of [block.first - 1n, block.first + sizeOf(block)]) {
        if (next < 0n || next >= size4 || forbidden4.some((other) => isIn(other, next))) continue;
        expect(judgeAddress(dotted(next), []), dotted(next)).toBe('public');
      }
    }
  });
});

function isRefusedLiteral(address: string): boolean {
  return isRefusedHost(address.includes(':') ? `[${address}]` : address);
}
