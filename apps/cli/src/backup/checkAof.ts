import { CannotGoOn } from '../cannotGoOn.ts';
import type { RunToEnd } from '../processes/runToEnd.ts';
import type { Environment } from '../start/environment.ts';

const programs = ['redis-check-aof', 'valkey-check-aof'];

/** The exit code of a program that cannot be started. */
const notThere = 127;

/**
 * Has the program of Redis itself look through a copied append-only file.
 * @param manifest  path of its manifest
 * @returns the program's name; undefined where there is none
 * @throws CannotGoOn with its last words when it finds something wrong
 */
export async function checkAof(manifest: string, run: RunToEnd, env: Environment): Promise<string | undefined> {
  for (const program of programs) {
    let last = '';
    const onLine = (line: string) => {
      last = line.trim() || last;
    };
    const status = await run(program, [manifest], { env: { PATH: env.PATH }, onLine });
    if (status === 0) return program;
    if (status !== notThere) throw new CannotGoOn(`${program} refuses the copy: ${last}`);
  }
  return undefined;
}
