import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Exposition } from './createMetrics.ts';
import type { Logger } from './logger.ts';

/** Where metrics are served, apart from everything else. */
export type MetricsAddress = { host: string; port: number };

type Settings = { at: MetricsAddress | undefined; expose: () => Promise<Exposition>; logger: Logger };

/** A scraper sends a line and a few headers; who takes longer is none. */
const requestTimeoutMs = 10_000;

/**
 * Serves `/metrics` and `/healthz`, and nothing else, on a port of their own: who reaches it needs no password. Without
 * an address nothing is served.
 * @returns a function that stops it
 * @throws when the port is taken
 */
export async function serveMetrics({ at, expose, logger }: Settings): Promise<() => void> {
  if (!at) return () => undefined;
  const server = createServer({ requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs }, (req, res) => {
    answer(req, res, expose).catch((error: Error) => {
      logger.warn({ err: error.message }, 'scrape failed');
      res.destroy();
    });
  });
  await listen(server, at);
  const { address, port, family } = server.address() as AddressInfo;
  logger.info({ url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}` }, 'metrics are served');
  return () => {
    server.close();
    server.closeAllConnections();
  };
}

async function answer(req: IncomingMessage, res: ServerResponse, expose: () => Promise<Exposition>): Promise<void> {
  const path = (req.url ?? '').split('?')[0];
  if (path !== '/metrics' && path !== '/healthz') return void res.writeHead(404).end();
  if (req.method !== 'GET' && req.method !== 'HEAD') return void res.writeHead(405, { allow: 'GET, HEAD' }).end();
  const { contentType, text } =
    path === '/metrics' ? await expose() : { contentType: 'application/json', text: '{"status":"ok"}' };
  res.writeHead(200, { 'content-type': contentType, 'x-content-type-options': 'nosniff' }).end(text);
}

function listen(server: Server, { host, port }: MetricsAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}
