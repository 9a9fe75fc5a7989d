import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { mutantNames, mutants, mutated } from './mutants.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The file of a patch as it stands. */
function sourceOf(file: string): string {
  const [path] = globSync(`{apps,packages}/${file}`, { cwd: root });
  return readFileSync(`${root}${path}`, 'utf8');
}

test.each(mutantNames)('%s still changes what it is to change', (mutant) => {
  for (const file of new Set(mutants[mutant].map((patch) => patch.file))) {
    const source = sourceOf(file);
    expect(mutated(mutant, `/somewhere/${file}`, source)).not.toBe(source);
  }
});
