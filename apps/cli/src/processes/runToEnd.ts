import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface RunOptions {
  env?: Readonly<Record<string, string | undefined>>;
  /** Takes every line of its output and of its errors. */
  onLine?: (line: string) => void;
  signal?: AbortSignal;
}

/** Runs a program to its end. @returns its exit code; 127 where it cannot be started, 128 where a signal ended it */
export type RunToEnd = (command: string, args: readonly string[], options?: RunOptions) => Promise<number>;

export const runToEnd: RunToEnd = (command, args, { env, onLine, signal } = {}) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (l) => onLine?.(l));
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 128));
  });
