import { Agent, type Dispatcher } from 'undici';
import { guardConnect } from './connect.ts';
import { type LookupAll, lookupAll } from './lookup.ts';
import type { EgressSurface } from './surface.ts';
import { createTunnelAgent } from './tunnel.ts';

export interface EgressAgentOptions {
  /** Finds a name's addresses; the operating system's resolver when absent. */
  readonly lookup?: LookupAll;
  /** Bounds lookup and TCP together, then TLS again; with a proxy also its answer to CONNECT. */
  readonly connectTimeoutMs: number;
  /** From the request sent to the answer's headers. */
  readonly headersTimeoutMs: number;
  /** Between two pieces of the answer's body; the caller bounds its whole time and size. */
  readonly bodyTimeoutMs: number;
  /** Connections at once to one origin; unlimited when absent. */
  readonly connections?: number;
}

/**
 * Makes the undici dispatcher through which a surface's URLs are called. It follows no redirects: their target is a new
 * URL, to be judged by whoever decides to follow it. Requests reject with `EgressRefused` (match its `code`) when the
 * target may not be called. Whoever makes an agent closes it.
 * @throws Error when the surface's proxy URL is not http(s)
 */
export function createEgressAgent(surface: EgressSurface, options: EgressAgentOptions): Dispatcher {
  const { lookup = lookupAll, connectTimeoutMs } = options;
  const limits = {
    headersTimeout: options.headersTimeoutMs,
    bodyTimeout: options.bodyTimeoutMs,
    connections: options.connections ?? null,
  };
  if (surface.proxyUrl) return createTunnelAgent(surface, surface.proxyUrl, { lookup, connectTimeoutMs, limits });
  return new Agent({ ...limits, connect: guardConnect(surface, { lookup, connectTimeoutMs }) });
}
