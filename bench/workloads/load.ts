import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { percentile } from '../figures/statistics.ts';

/** What came of a load. */
export type Loaded = { per_s: number; p50_ms: number; p99_ms: number };

type Request = { method: 'GET' | 'POST'; path: string; headers?: Record<string, string>; body?: string };

/** Requests at once in a closed loop: enough to keep a process busy, few enough to say something about its delay. */
const atOnce = 64;

/** Requests that are not counted: code is compiled and connections are made. */
const warmUpShare = 0.2;

/**
 * As many requests as are answered: whoever has its answer sends the next one.
 * @param requestOf  the request of this number
 */
export async function closedLoop(url: string, count: number, requestOf: (i: number) => Request): Promise<Loaded> {
  const pool = new Pool(url, { connections: atOnce });
  const latencies: number[] = [];
  const warm = Math.floor(count * warmUpShare);
  let [next, began] = [0, performance.now()];
  const client = async () => {
    while (next < count) {
      const i = next++;
      if (i === warm) began = performance.now();
      const ms = await send(pool, requestOf(i));
      if (i >= warm) latencies.push(ms);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  const seconds = (performance.now() - began) / 1000;
  await pool.close();
  return { per_s: latencies.length / seconds, p50_ms: percentile(latencies, 0.5), p99_ms: percentile(latencies, 0.99) };
}

/**
 * Clients that ask every so often, whatever the answers take. A delay counts from when the request was due: one that
 * had to wait for the one before it, or for this process, does not look fast.
 */
export async function pacedClients(
  url: string,
  { clients, everyMs, forMs }: { clients: number; everyMs: number; forMs: number },
  requestOf: (client: number) => Request,
): Promise<Loaded> {
  const pool = new Pool(url, { connections: 256 });
  const latencies: number[] = [];
  const began = performance.now();
  const client = async (i: number) => {
    for (let due = began + (i / clients) * everyMs; due < began + forMs; due += everyMs) {
      await sleep(Math.max(0, due - performance.now()));
      await send(pool, requestOf(i));
      latencies.push(performance.now() - due);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, i) => client(i)));
  await pool.close();
  const seconds = (performance.now() - began) / 1000;
  return { per_s: latencies.length / seconds, p50_ms: percentile(latencies, 0.5), p99_ms: percentile(latencies, 0.99) };
}

async function send(pool: Pool, { method, path, headers, body }: Request): Promise<number> {
  const began = performance.now();
  const answer = await pool.request({ method, path, headers, body });
  await answer.body.dump();
  if (answer.statusCode !== 200) throw new Error(`${method} ${path} answered ${answer.statusCode}`);
  return performance.now() - began;
}
