import { readAddress } from './address.ts';
import { type Cidr, contains, parseCidrs } from './cidrs.ts';
import { defaultPorts, type EgressSurface } from './surface.ts';

/** IANA's special-purpose registry for IPv4. All else is public. */
const forbiddenIPv4 = parseCidrs(`
  0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
  192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24
  203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
  168.63.129.16`); // The last is in no registry: Azure's host agent, which hands out secrets, on a public number.

/** IPv6 is judged the other way round: all addresses now given out lie here; what is outside is never public. */
const globalIPv6 = parseCidrs('2000::/3');

/** Special blocks inside `globalIPv6`: protocol assignments with Teredo, documentation, 6to4, AS112, 6bone. */
const forbiddenIPv6 = parseCidrs('2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3ffe::/16 3fff::/20');

/** `listed`: in the surface's own allow-list; `public`: anybody's; `forbidden`: everything else, and what cannot be read. */
export type AddressVerdict = 'listed' | 'public' | 'forbidden';

/**
 * Judges one address.
 * @param text  IPv4 or IPv6 (no brackets) as a resolver, a socket or a parsed URL writes it
 */
export function judgeAddress(text: string, allowed: readonly Cidr[]): AddressVerdict {
  const address = readAddress(text);
  if (!address) return 'forbidden';
  const isIn = (blocks: readonly Cidr[]) => blocks.some((block) => contains(block, address));
  if (isIn(allowed)) return 'listed';
  if (address.kind() === 'ipv4') return isIn(forbiddenIPv4) ? 'forbidden' : 'public';
  return isIn(globalIPv6) && !isIn(forbiddenIPv6) ? 'public' : 'forbidden';
}

/** Whether the surface may call `port` of `address`: any port of a listed address, the open ports of a public one. */
export function mayCall(address: string, port: number, surface: EgressSurface): boolean {
  const verdict = judgeAddress(address, surface.allowedCidrs);
  return verdict === 'listed' || (verdict === 'public' && isOpenPort(port, surface));
}

export function isOpenPort(port: number, surface: EgressSurface): boolean {
  return (surface.allowedPorts ?? defaultPorts).includes(port);
}
