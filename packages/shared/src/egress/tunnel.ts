import { isIP, isIPv4 } from 'node:net';
import { type buildConnector, Pool, ProxyAgent } from 'undici';
import { judgeTarget } from './connect.ts';
import { literalHost, portOf } from './judgeUrl.ts';
import { boundedLookup, type LookupAll, lookupCallable } from './lookup.ts';
import { EgressRefused } from './refusal.ts';
import type { EgressSurface } from './surface.ts';

/**
 * Makes the agent of a surface whose calls leave through the operator's proxy. The proxy is asked for the *address* we
 * looked up and judged, never for the name: it would look the name up a second time, and could be answered differently.
 * The socket's peer is the proxy, so the third point (see `guardConnect`) does not exist here.
 * @throws Error when `proxyUrl` is not http(s): undici opens SOCKS connections past our connector
 */
export function createTunnelAgent(
  surface: EgressSurface,
  proxyUrl: string,
  deps: { lookup: LookupAll; connectTimeoutMs: number; limits: Pool.Options },
): ProxyAgent {
  // Elsewhere the socket's own timer covers the lookup; here it comes before there is a socket.
  const lookup = boundedLookup(deps.lookup, deps.connectTimeoutMs);
  if (!/^https?:$/.test(URL.parse(proxyUrl)?.protocol ?? '')) {
    throw new Error(`the proxy of the ${surface.name} surface must be an http:// or https:// URL`);
  }
  return new ProxyAgent({
    ...deps.limits,
    uri: proxyUrl,
    connectTimeout: deps.connectTimeoutMs,
    // Without it plain http requests would be forwarded by name, not tunneled, and not pass our connector.
    proxyTunnel: true,
    clientFactory: (origin, options) => new Pool(origin, { ...options, headersTimeout: deps.connectTimeoutMs }),
    factory: (origin, options: Pool.Options) =>
      new Pool(origin, { ...options, connect: judgedTunnel(options.connect as Tunnel, surface, lookup) }),
  });
}

/** ProxyAgent's own connector: asks the proxy for `host`, then starts TLS for `servername`. */
type Tunnel = (target: buildConnector.Options & { allowH2: boolean }, callback: buildConnector.Callback) => void;

function judgedTunnel(open: Tunnel, surface: EgressSurface, lookup: LookupAll): buildConnector.connector {
  return (target, callback) => {
    judgedAddress(target, surface, lookup).then(
      ({ host, port }) => {
        const servername = target.servername || (isIP(target.hostname) ? undefined : target.hostname);
        // Undici leaves `port` empty for 80 and 443, and ProxyAgent then adds one to `host`, which has it already.
        open({ ...target, host, port: String(port), servername, allowH2: false }, callback);
      },
      (error) => callback(error, null),
    );
  };
}

/**
 * @returns what to ask the proxy for; `host` is 'address:port', with IPv6 in brackets
 * @throws EgressRefused
 */
async function judgedAddress(target: buildConnector.Options, surface: EgressSurface, lookup: LookupAll) {
  const judged = judgeTarget(target, surface);
  if (!judged.ok) throw new EgressRefused(judged.reason);
  const port = portOf(judged.url);
  const literal = literalHost(judged.url);
  const addresses = literal ? [literal] : await lookupCallable(target.hostname, port, surface, lookup);
  // We cannot see which families the proxy has; nearly every one has IPv4.
  const address = addresses.find((one) => isIPv4(one)) ?? addresses[0];
  return { host: isIPv4(address ?? '') ? `${address}:${port}` : `[${address}]:${port}`, port };
}
