import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');

/** @returns the name of every script that Darkroom sends to Redis, its own and BullMQ's, by hash */
export function scriptNames(): Map<string, string> {
  return new Map([...ours(), ...ofBullmq()]);
}

function ours(): [string, string][] {
  const files = globSync('{apps,packages}/*/src/**/lua/*.lua', { cwd: root });
  return files.map((file) => {
    // As the product's own loader puts them together.
    const source = readFileSync(join(root, file), 'utf8').replace(/^-- @include (\w+)$/gm, (_, name: string) =>
      readFileSync(join(root, dirname(file), 'includes', `${name}.lua`), 'utf8'),
    );
    return [sha1(source), file.split('/').at(-1)!.replace('.lua', '')];
  });
}

function ofBullmq(): [string, string][] {
  const require = createRequire(import.meta.url);
  const scripts = join(dirname(require.resolve('bullmq')), 'scripts/index.js');
  const found: Record<string, { name: string; content: string }> = require(scripts);
  return Object.values(found)
    .filter(({ content }) => typeof content === 'string')
    .map(({ name, content }): [string, string] => [sha1(content), `BullMQ ${name}`]);
}
