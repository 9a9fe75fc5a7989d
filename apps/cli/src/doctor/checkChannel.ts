import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Channel } from '@darkroom/shared/channels';
import { type Finding, fail, ok } from './report.ts';

const connectMs = 5000;

/** Whether a channel's base URL can be reached: a connection is opened and closed; no request and no key is sent. */
export async function checkChannel({ base_url }: Channel): Promise<Finding> {
  const url = new URL(base_url);
  const secure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port) || (secure ? 443 : 80);
  const began = performance.now();
  const socket = secure ? connectTls({ host, port, servername: host }) : connect({ host, port });
  try {
    await once(socket, secure ? 'secureConnect' : 'connect', { signal: AbortSignal.timeout(connectMs) });
    return ok(
      `${host}:${port} can be reached (${secure ? 'TLS' : 'TCP'}, ${Math.round(performance.now() - began)} ms).`,
    );
  } catch (error) {
    return fail(`${host}:${port} cannot be reached: ${reasonOf(error)}.`);
  } finally {
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no reason given';
  if (error.name === 'AbortError') return `no connection within ${connectMs / 1000} s`;
  return 'code' in error ? `${String(error.code)}` : error.message;
}
