import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a store may lie. `late`: reads take long. */
export type StorageLie = 'error_after_write' | 'truncated' | 'late';

export type LyingStorage = {
  address: string;
  /** lies from now on, each time with this probability; undefined: tells the truth */
  lie(lie: StorageLie | undefined): void;
  close(): Promise<void>;
};

const lateMs = 1500;

/** A proxy in front of an S3 store, which lies when it is told to. */
export async function startLyingStorage(target: string, random: () => number): Promise<LyingStorage> {
  let lie: StorageLie | undefined;
  const [host, port] = target.split(':');
  const server = createServer((req, res) => {
    const now = lie && random() < 0.5 ? lie : undefined;
    const isWrite = req.method === 'PUT' || req.method === 'POST';
    const far = request({ host, port, method: req.method, path: req.url, headers: req.headers }, async (answer) => {
      const status = answer.statusCode ?? 502;
      answer.on('error', () => res.destroy());
      if (now === 'error_after_write' && isWrite) {
        answer.resume();
        answer.on('end', () => res.writeHead(500).end());
        return;
      }
      if (now === 'late' && !isWrite) await new Promise((resolve) => setTimeout(resolve, lateMs));
      res.writeHead(status, answer.headers);
      if (now === 'truncated' && req.method === 'GET' && Number(answer.headers['content-length']) > 1) {
        answer.once('data', (bytes: Buffer) => {
          res.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => res.destroy());
          answer.destroy();
        });
        return;
      }
      answer.pipe(res);
    });
    far.on('error', () => res.destroy());
    res.on('close', () => far.destroy());
    res.on('error', () => undefined);
    req.on('error', () => far.destroy());
    req.pipe(far);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    lie: (wanted) => {
      lie = wanted;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
