import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP relay in front of a server: what stands between client and server in the world, at the test's command. */
export type Relay = {
  url: string;
  /** where connections to come lead */
  leadTo(url: string): void;
  /** breaks every connection there is, as a crash of the machine between would */
  cut(): void;
  close(): Promise<void>;
};

export async function startRelay(targetUrl: string): Promise<Relay> {
  let target = new URL(targetUrl);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    return socket;
  };
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    keep(client).pipe(keep(upstream)).pipe(client);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.resetAndDestroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo(url) {
      target = new URL(url);
    },
    cut() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
