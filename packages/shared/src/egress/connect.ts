import { isIP, type LookupFunction, type Socket } from 'node:net';
import { buildConnector } from 'undici';
import { mayCall } from './judgeAddress.ts';
import { judgeUrl, portOf } from './judgeUrl.ts';
import { type LookupAll, lookupCallable } from './lookup.ts';
import { EgressRefused } from './refusal.ts';
import type { EgressSurface } from './surface.ts';

/** Opens a TCP connection to `host` (a name is given to `lookup`) and `port`. The default is undici's own connector. */
export type OpenTcp = (
  to: { hostname: string; port: string; lookup: LookupFunction },
  callback: buildConnector.Callback,
) => void;

/**
 * Makes an undici connector that judges at three points, for each alone can be passed by: the URL itself (Node calls no
 * lookup hook for an address literal), every address a name leads to, and the peer of the open socket.
 * TCP is opened first and TLS started on it, so that a wrong peer does not even get a ClientHello.
 * @param deps  `connectTimeoutMs` bounds lookup and TCP together, then TLS again
 */
export function guardConnect(
  surface: EgressSurface,
  deps: { lookup: LookupAll; connectTimeoutMs: number; openTcp?: OpenTcp },
): buildConnector.connector {
  const openTcp = deps.openTcp ?? plainTcp(deps.connectTimeoutMs);
  // HTTP/1.1 only: one request, one connection, so that undici's timeouts mean the same for every receiver.
  const startTls = buildConnector({ allowH2: false, timeout: deps.connectTimeoutMs });

  return (target, callback) => {
    const judged = judgeTarget(target, surface);
    if (!judged.ok) return queueMicrotask(() => callback(new EgressRefused(judged.reason), null));
    const port = portOf(judged.url);
    const lookup = callableLookup(port, surface, deps.lookup);
    openTcp({ hostname: target.hostname, port: String(port), lookup }, (error, socket) => {
      if (error) return callback(error, null);
      const fault = faultOfPeer(socket, port, surface);
      if (fault) {
        socket.destroy();
        return callback(fault, null);
      }
      if (target.protocol !== 'https:') return callback(null, socket);
      startTls({ ...target, httpSocket: socket }, callback);
    });
  };
}

/** Judges what undici is about to connect to, as the URL it came from. */
export function judgeTarget({ protocol, hostname, port }: buildConnector.Options, surface: EgressSurface) {
  const host = isIP(hostname) === 6 ? `[${hostname}]` : hostname;
  return judgeUrl(`${protocol}//${host}${port ? `:${port}` : ''}/`, surface);
}

function faultOfPeer(socket: Socket, port: number, surface: EgressSurface): Error | undefined {
  const peer = socket.remoteAddress;
  // A peer that hung up at once has no address any more. That is its failure, not a refusal of ours.
  if (peer === undefined) return Object.assign(new Error('the peer closed at once'), { code: 'ECONNRESET' });
  return mayCall(peer, port, surface) ? undefined : new EgressRefused('the address may not be called');
}

/** A lookup hook for Node's sockets that gives only addresses that may be called on `port`. */
function callableLookup(port: number, surface: EgressSurface, lookup: LookupAll): LookupFunction {
  return (hostname, options, callback) => {
    lookupCallable(hostname, port, surface, lookup).then(
      (addresses) => {
        if (!options.all) return callback(null, addresses[0], isIP(addresses[0]));
        callback(
          null,
          addresses.map((address) => ({ address, family: isIP(address) })),
        );
      },
      (error) => callback(error, []),
    );
  };
}

function plainTcp(timeoutMs: number): OpenTcp {
  return ({ hostname, port, lookup }, callback) =>
    // 'http:' here means "no TLS". A connector is a closure and cheap; one a connection lets the hook know the port.
    buildConnector({ timeout: timeoutMs, lookup })({ protocol: 'http:', hostname, port }, callback);
}
