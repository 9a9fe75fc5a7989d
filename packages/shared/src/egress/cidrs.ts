import { type IpAddress, readAddress } from './address.ts';

/** A block of addresses: all that share the first `prefix` bits of `base`. */
export interface Cidr {
  readonly base: IpAddress;
  readonly prefix: number;
}

/** Whether `address` (mapped IPv6 already unwrapped) lies in `block`. */
export function contains(block: Cidr, address: IpAddress): boolean {
  // ipaddr.js throws when the families differ.
  return block.base.kind() === address.kind() && address.match(block.base, block.prefix);
}

/**
 * Reads a list of blocks, divided by commas or white space: '10.1.0.0/16, fd00::/8, 192.168.7.9'. A bare address is a
 * block of one; an empty text is an empty list.
 * @throws Error naming the first bad entry
 */
export function parseCidrs(text: string): Cidr[] {
  return text
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(parseCidr);
}

/** @throws Error naming the entry */
function parseCidr(entry: string): Cidr {
  const [address = '', prefixText, ...rest] = entry.split('/');
  const base = readAddress(address);
  if (!base || rest.length > 0) {
    throw new Error(`"${entry}" is not an address block; write one like 10.1.0.0/16, fd00::/8 or 192.168.7.9`);
  }
  const width = base.toByteArray().length * 8;
  if (prefixText === undefined) return { base, prefix: width };
  if (base.kind() === 'ipv4' && address.includes(':')) {
    throw new Error(`"${entry}" is an IPv4-mapped block; write it as an IPv4 block`);
  }
  const prefix = /^\d{1,3}$/.test(prefixText) ? Number(prefixText) : Number.NaN;
  if (!(prefix <= width)) throw new Error(`"${entry}" has a bad prefix length; it must be 0 to ${width}`);
  // '10.1.2.3/8' opens 16 million addresses where its author may have meant one: ask instead of guessing.
  if (hasBitsAfter(base, prefix)) throw new Error(`"${entry}" has bits set after its prefix; write its first address`);
  return { base, prefix };
}

function hasBitsAfter(base: IpAddress, prefix: number): boolean {
  const bits = base
    .toByteArray()
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  return bits.slice(prefix).includes('1');
}
