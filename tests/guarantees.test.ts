import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
const promises = readFileSync(`${root}docs/guarantees.md`, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|') && line.includes('`'))
  .map((line) => line.split('|').at(-2)!.trim());

test('every promise names a test that exists', () => {
  const names = new Set(globSync('{tests,apps,packages}/**/*.test.ts', { cwd: root }).flatMap(namesIn));
  const unproved = promises.filter((name) => !names.has(name.replaceAll('`', '')));
  expect(unproved).toEqual([]);
  expect(promises.length).toBeGreaterThan(25);
});

/** Texts in quotes at the place of a test's name. */
function namesIn(file: string): string[] {
  const source = readFileSync(root + file, 'utf8');
  return [...source.matchAll(/\(\s*(['"`])((?:(?!\1).){10,})\1,\s*(?:async\b|\(|\{)/g)].map((match) => match[2]!);
}
