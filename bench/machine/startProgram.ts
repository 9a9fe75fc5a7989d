import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { endWithUs } from './endWithUs.ts';

/** A contestant's process. */
export type Program = {
  pid: number;
  /** the line with which it said that it is there */
  hello: string;
  /** SIGTERM, and SIGKILL after 10 s. Resolves when it is gone */
  stop(): Promise<void>;
};

export type ProgramOptions = {
  /** path of its `main.ts`, and its arguments */
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  /** takes what it prints: a pipe would cost its reader, who is also the clock, as much as the work that is measured */
  log: string;
  /** what stands in the line with which it says that it is there */
  hello: string;
};

const startsWithinMs = 30_000;
const endsWithinMs = 10_000;

/** Starts a program of ours under this Node. @throws Error with what it printed when it is not there in time */
export async function startProgram({ args, env, log, hello }: ProgramOptions): Promise<Program> {
  const file = openSync(log, 'w');
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, NODE_OPTIONS: process.env.BENCH_NODE_OPTIONS, ...env },
    stdio: ['ignore', file, file],
  });
  closeSync(file);
  child.once('exit', endWithUs(child.pid!));
  const until = Date.now() + startsWithinMs;
  for (;;) {
    const said = readFileSync(log, 'utf8');
    const line = said.split('\n').find((one) => one.includes(hello));
    if (line !== undefined) return { pid: child.pid!, hello: line, stop: () => stop(child) };
    if (child.exitCode !== null || Date.now() > until) {
      child.kill('SIGKILL');
      throw new Error(`${args[0]} is not there:\n${said}`);
    }
    await sleep(20);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), endsWithinMs);
  await exited;
  clearTimeout(timer);
}
