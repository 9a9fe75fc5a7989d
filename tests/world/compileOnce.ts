import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Hundreds of processes start in a run; what Node compiled once is read by all of them. */
export const compileCache = `${root}node_modules/.cache/compiled`;

/**
 * Fills the cache: Node writes it when a process ends by itself, and those of the tests are mostly killed. Imports have
 * no effects here, so nothing starts.
 */
export default async function compileOnce(): Promise<void> {
  const imports = ['api/src/startApi.ts', 'worker/src/startWorker.ts'].map((path) => `import('${root}apps/${path}')`);
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', `await Promise.all([${imports}])`], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: compileCache },
  });
}
