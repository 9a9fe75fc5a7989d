import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { UpstreamFigures } from '../upstream/main.ts';

export type { UpstreamFigures };

/** The simulator in a process of its own. */
export type BenchUpstream = {
  url: string;
  pid: number;
  /** Counts everything it was asked; costs it some time, so ask after a run. */
  figures(): Promise<UpstreamFigures>;
  stop(): Promise<void>;
};

export const upstreamKey = 'sk-upstream-of-the-bench-4f9d2c71';

const program = fileURLToPath(new URL('../upstream/main.ts', import.meta.url));

/** @param duration  how long its tasks take, as its directive `duration` has it */
export async function startUpstream(duration: string, seed: number): Promise<BenchUpstream> {
  const options = { seed, keys: [upstreamKey], behaviour: { duration } };
  const child = fork(program, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  return {
    url,
    pid: child.pid!,
    async figures() {
      child.send('figures');
      const [answer] = (await once(child, 'message')) as [UpstreamFigures];
      return answer;
    },
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
