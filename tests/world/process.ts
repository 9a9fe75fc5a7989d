import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { compileCache } from './compileOnce.ts';

/** A real process of the product, started as its operators start it. */
export type TestProcess = {
  /** everything it printed, line by line */
  lines: string[];
  /** the log lines as objects; what is not JSON is left out */
  logs(): Record<string, unknown>[];
  /** resolves with the first log line whose `msg` this is, past or to come */
  logged(msg: string): Promise<Record<string, unknown>>;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, and wait for the end. @returns its exit code */
  stop(): Promise<number | null>;
  exited: Promise<number | null>;
  pid: number;
};

const root = fileURLToPath(new URL('../../', import.meta.url));

export type App = 'api' | 'worker';

/** The log line with which a process says that it is there. */
const hello: Record<App, string> = { api: 'listening', worker: 'ready' };

/** Starts a process and waits until it says that it is there. @throws Error with all it printed when it ends before */
export async function startProcess(app: App, env: Record<string, string | undefined>): Promise<TestProcess> {
  const process = spawnProcess(app, env);
  const ended = process.exited.then(() => {
    throw new Error(`${app} ended before it was there:\n${process.lines.join('\n')}`);
  });
  await Promise.race([process.logged(hello[app]), ended]);
  return process;
}

/** Starts a process without waiting for anything. The environment is exactly the one given. */
export function spawnProcess(app: App, env: Record<string, string | undefined>): TestProcess {
  const child = spawn(process.execPath, [`${root}apps/${app}/src/main.ts`], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const listener of listeners) listener();
    });
  }
  const exited = once(child, 'close').then(() => child.exitCode);
  return { lines, exited, pid: child.pid!, ...logsOf(lines, listeners), ...endsOf(child, exited) };
}

function logsOf(lines: string[], listeners: Set<() => void>) {
  const logs = () => lines.flatMap((line): Record<string, unknown>[] => parse(line) ?? []);
  return {
    logs,
    logged: (msg: string) =>
      new Promise<Record<string, unknown>>((resolve) => {
        const look = () => {
          const found = logs().find((line) => line.msg === msg);
          if (!found) return;
          listeners.delete(look);
          resolve(found);
        };
        listeners.add(look);
        look();
      }),
  };
}

function endsOf(child: ChildProcess, exited: Promise<number | null>) {
  return {
    kill: (signal: NodeJS.Signals) => void child.kill(signal),
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

function parse(line: string): [Record<string, unknown>] | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return [JSON.parse(line)];
  } catch {
    return undefined;
  }
}
