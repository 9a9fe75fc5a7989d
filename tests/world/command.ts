import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { compileCache } from './compileOnce.ts';

const main = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));

/** How a command ended: its exit code and all it printed. */
export type Ended = { code: number | null; output: string };

/** Runs `darkroom` with these words, as an operator would. The environment is the one given, and PATH. */
export async function darkroom(env: Record<string, string>, ...words: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...words], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, output: out + err };
}
