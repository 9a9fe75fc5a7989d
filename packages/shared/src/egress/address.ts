import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * Reads an address in any textual form a resolver or a socket may give. IPv4-mapped IPv6 is unwrapped: to the kernel it
 * is the IPv4 address, so it must be judged as one.
 * @returns undefined for what is no address, and for one with a zone id (it means a link of this very machine)
 */
export function readAddress(text: string): IpAddress | undefined {
  if (isIPv4(text)) return ipaddr.IPv4.parse(text);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  // ipaddr.js reads '::1.2.3.4' (IPv4-compatible) as '::ffff:1.2.3.4' (mapped), which is another address. URL does not.
  const address = ipaddr.IPv6.parse(new URL(`http://[${text}]/`).hostname.slice(1, -1));
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}
