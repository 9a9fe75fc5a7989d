import { isIP } from 'node:net';
import { isOpenPort, judgeAddress } from './judgeAddress.ts';
import type { EgressSurface } from './surface.ts';

/**
 * `url` is what was judged: use it, not the text. `reason` may be shown to whoever gave the URL; `unresolved`: the name
 * could not be looked up, which may pass.
 */
export type UrlJudgement = { ok: true; url: URL } | { ok: false; reason: string; unresolved?: true };

/** Signed result URLs of object stores reach 2,000; halved still fits them, and no honest URL needs the double. */
const longestUrl = 8192;

/**
 * Judges a URL by what can be read from it: scheme, credentials, host, port. A host name passes, for its addresses are
 * judged when it is connected to (`createEgressAgent`) or asked about (`judgeResolved`).
 */
export function judgeUrl(text: string, surface: EgressSurface): UrlJudgement {
  const url = text.length <= longestUrl && URL.canParse(text) ? new URL(text) : undefined;
  if (!url) return refuse('not a URL');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return refuse('only https URLs may be called');
  if (url.protocol === 'http:' && !surface.allowHttp) return refuse('only https URLs may be called, not http');
  if (url.username !== '' || url.password !== '') return refuse('a URL may not carry a user name or password');
  const reason = literalHost(url) ? faultOfAddress(url, surface) : faultOfName(url, surface);
  return reason === undefined ? { ok: true, url } : refuse(reason);
}

/** The URL's host if it is an address (no brackets). URL has turned octal, hex, short and decimal forms into dotted. */
export function literalHost(url: URL): string | undefined {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(host) ? host : undefined;
}

/** The port a call goes to, the scheme's own where the URL names none. */
export function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}

function faultOfAddress(url: URL, surface: EgressSurface): string | undefined {
  const verdict = judgeAddress(literalHost(url) ?? '', surface.allowedCidrs);
  if (verdict === 'forbidden') return 'the address may not be called';
  if (verdict === 'public' && !isOpenPort(portOf(url), surface)) return closedPort(url);
  return undefined;
}

function faultOfName(url: URL, surface: EgressSurface): string | undefined {
  const name = url.hostname.replace(/\.$/, ''); // 'localhost.' is 'localhost'
  if (name.split('.').includes('')) return 'not a valid host name';
  if ((name === 'localhost' || name.endsWith('.localhost')) && !opensLoopback(surface)) {
    return 'the host name may not be called';
  }
  // Any other port can only be right if the name leads to a listed address; with no list it never can.
  if (!isOpenPort(portOf(url), surface) && surface.allowedCidrs.length === 0) return closedPort(url);
  return undefined;
}

function opensLoopback({ allowedCidrs }: EgressSurface): boolean {
  return ['127.0.0.1', '::1'].some((address) => judgeAddress(address, allowedCidrs) === 'listed');
}

const closedPort = (url: URL) => `port ${portOf(url)} may not be called`;

const refuse = (reason: string): UrlJudgement => ({ ok: false, reason });
