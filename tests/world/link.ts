import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP link between two machines, with the faults such links have. */
export type Link = {
  /** where clients connect, `host:port` */
  address: string;
  /** where connections to come lead */
  leadTo(address: string): void;
  /** breaks every connection, as a crash of the machine between would */
  cut(): void;
  /** passes nothing on in either direction and closes nothing, as a cable that is pulled; also what connects meanwhile */
  stall(): void;
  /** passes on so many bytes a second */
  slow(bytes_per_s: number): void;
  /** is a good link again; what was held back while it stalled is gone with its connections */
  heal(): void;
  close(): Promise<void>;
};

type Mode = 'good' | 'stalled' | { bytes_per_s: number };

/** @param target  `host:port` */
export async function openLink(target: string): Promise<Link> {
  let leadsTo = target;
  let mode: Mode = 'good';
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    return socket;
  };
  const pass = (from: Socket, to: Socket) => {
    from.on('data', (bytes) => {
      if (mode === 'stalled') return;
      const full = !to.write(bytes);
      if (mode !== 'good') {
        from.pause();
        setTimeout(() => from.resume(), (bytes.length / mode.bytes_per_s) * 1000);
      } else if (full) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    });
    from.on('end', () => mode !== 'stalled' && to.end());
  };
  const server = createServer((client) => {
    const [host, port] = leadsTo.split(':');
    const far = keep(connect(Number(port), host));
    pass(keep(client), far);
    pass(far, client);
    client.on('close', () => far.destroy());
    far.on('close', () => client.resetAndDestroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo: (address) => {
      leadsTo = address;
    },
    cut,
    stall: () => {
      mode = 'stalled';
    },
    slow: (bytes_per_s) => {
      mode = { bytes_per_s };
    },
    heal: () => {
      // Bytes that a stalled link swallowed are missing in the middle of what its connections carry.
      if (mode === 'stalled') cut();
      mode = 'good';
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
