import type { Cidr } from './cidrs.ts';

/** Ports a public address may be called on where a surface names none. */
export const defaultPorts: readonly number[] = [80, 443];

/** One kind of URL that is not ours, and what it may reach. Surfaces share nothing: one's list opens no other. */
export interface EgressSurface {
  readonly name: 'webhook' | 'reference' | 'upstream_result';
  /** Whether http:// is accepted beside https://. */
  readonly allowHttp: boolean;
  /** Addresses that may be called although they are not public, on any port. See `parseCidrs`. */
  readonly allowedCidrs: readonly Cidr[];
  /** The whole list of ports for public addresses; 80 and 443 when absent. */
  readonly allowedPorts?: readonly number[];
  /** http(s) proxy of the operator, trusted and itself not judged; all calls go through it by CONNECT. */
  readonly proxyUrl?: string;
}
