import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { testCertificate } from './certificate.ts';

/** A listener that remembers who knocked. `connections` counts TCP connections; `requests` are '<method> <url>'. */
export interface Canary {
  readonly port: number;
  readonly heard: { connections: number; requests: string[] };
  close(): Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const answerOk: Answer = (_request, response) => response.end('canary');

/** Listens on `host` and `port` (0: any), for https when `secure`. Rejects where the host has no such address. */
export async function startCanary(
  host = '127.0.0.1',
  { port = 0, secure = false, answer = answerOk }: { port?: number; secure?: boolean; answer?: Answer } = {},
): Promise<Canary> {
  const heard: Canary['heard'] = { connections: 0, requests: [] };
  const onRequest: Answer = (request, response) => {
    heard.requests.push(`${request.method} ${request.url}`);
    answer(request, response);
  };
  const server = secure ? createSecureServer(testCertificate, onRequest) : createServer(onRequest);
  server.on('connection', () => {
    heard.connections += 1;
  });
  return await listening(server, { host, port, heard });
}

/** A proxy that, whatever address is asked for, leads to `targetPort` of 127.0.0.1; it hears 'CONNECT <target>'. */
export async function startProxy(targetPort: number): Promise<Canary> {
  const heard: Canary['heard'] = { connections: 0, requests: [] };
  const server = createServer((request, response) => {
    heard.requests.push(`${request.method} ${request.url}`);
    response.end();
  });
  server.on('connection', () => {
    heard.connections += 1;
  });
  server.on('connect', (request, socket) => {
    heard.requests.push(`CONNECT ${request.url}`);
    const target = connect(targetPort, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    target.on('error', () => socket.destroy());
    socket.on('error', () => target.destroy());
    socket.pipe(target).pipe(socket);
  });
  return await listening(server, { host: '127.0.0.1', port: 0, heard });
}

/** A port of 127.0.0.1 on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(
  server: Server,
  { host, port, heard }: { host: string; port: number; heard: Canary['heard'] },
): Promise<Canary> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    heard,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
