import { type App, spawnProcess, type TestProcess } from '../../world/process.ts';
import type { History } from '../history/history.ts';

/** A place in which a process of the product runs; one that ends is started again, as by a supervisor. */
export type Slot = {
  name: string;
  /** the one that runs now, or is starting */
  process(): TestProcess;
  /** resolves when the process of the moment has said that it is there */
  ready(): Promise<void>;
  /** starts with these variables from the next start on */
  set(env: Record<string, string>): void;
  /** ends it and waits until its successor is there */
  restart(signal: NodeJS.Signals): Promise<void>;
  /** how often it was started */
  starts(): number;
  close(): Promise<void>;
};

const hello: Record<App, string> = { api: 'listening', worker: 'ready' };

/** Pause between an end and the next start, as supervisors have it. */
const restartPauseMs = 200;

export function openSlot(name: string, app: App, env: Record<string, string>, history: History): Slot {
  let variables = env;
  let starts = 0;
  let closed = false;
  let current: TestProcess;
  let there: Promise<void>;
  const start = () => {
    starts++;
    const started = spawnProcess(app, variables);
    current = started;
    there = started.logged(hello[app]).then(() => undefined);
    void started.exited.then((code) => {
      for (const line of started.lines) history.add({ t: 'log', process: `${name}.${starts}`, line });
      history.add({ t: 'log', process: `${name}.${starts}`, line: `ended with ${code}` });
      if (!closed) setTimeout(() => !closed && start(), restartPauseMs);
    });
  };
  start();
  const ready = async () => {
    // Whoever waits for one that dies meanwhile waits for its successor.
    for (let waited = current!; ; waited = current) {
      const ended = waited.exited.then(() => new Promise<void>((resolve) => setTimeout(resolve, restartPauseMs + 50)));
      await Promise.race([there, ended]);
      if (waited === current) return;
    }
  };
  return {
    name,
    ready,
    process: () => current,
    starts: () => starts,
    set: (more) => {
      variables = { ...variables, ...more };
    },
    async restart(signal) {
      const before = starts;
      current.kill(signal);
      await current.exited;
      while (starts === before) await new Promise((resolve) => setTimeout(resolve, 20));
      await ready();
    },
    async close() {
      closed = true;
      current.kill('SIGCONT');
      current.kill('SIGTERM');
      await current.exited;
    },
  };
}
