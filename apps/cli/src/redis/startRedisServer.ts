import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import getPort from 'get-port';
import { CannotGoOn } from '../cannotGoOn.ts';
import { redisCommand } from './redisCommand.ts';
import { waitForPing } from './waitForPing.ts';

/** A start takes 30 ms; loading a gigabyte of append-only file takes some seconds. */
const start_ms = 30_000;

/** Lines of Redis kept for the error of a failed start: its reason stands among the last few. */
const wordsKept = 10;

/** One running Redis of ours. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly dir: string;
  /** Resolves when the process has ended, however it did. */
  readonly exited: Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM: it syncs its file and ends. Resolves when it has. */
  stop(): Promise<void>;
}

export interface StartRedisOptions {
  binary: string;
  /** Folder of its data; made where it is missing. Started again on the same folder, it has the same data. */
  dir: string;
  /** Default: a free one. */
  port?: number;
  /** Default: 127.0.0.1 */
  host?: string;
  args?: readonly string[];
}

/**
 * Starts a Redis with an append-only file in `dir` and resolves when it answers.
 * @throws CannotGoOn with its last words where it ends before it answers or does not answer within 30 s
 */
export async function startRedisServer(options: StartRedisOptions): Promise<RedisServer> {
  const { binary, dir, args, host = '127.0.0.1', port = await getPort({ host: '127.0.0.1' }) } = options;
  await mkdir(dir, { recursive: true });
  const start = redisCommand({ binary, host, port, dir, args });
  const child = spawn(start.command, start.args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const words: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      words.push(line);
      if (words.length > wordsKept) words.shift();
    });
  }
  // It rejects for a program that cannot be started, which is an end as well.
  const exited = once(child, 'close').then(
    () => {},
    () => {},
  );
  const url = `redis://${host}:${port}`;
  const gone = new AbortController();
  void exited.then(() => gone.abort());
  try {
    await waitForPing(url, AbortSignal.any([gone.signal, AbortSignal.timeout(start_ms)]), child.pid);
  } catch {
    child.kill('SIGKILL');
    throw new CannotGoOn(`Redis (${binary}, port ${port}) does not start: ${words.join(' / ') || 'it says nothing'}`);
  }
  const server = { url, port, pid: child.pid!, dir, exited, kill: (signal: NodeJS.Signals) => void child.kill(signal) };
  return {
    ...server,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
