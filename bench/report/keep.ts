import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { page, type Result } from './page.ts';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
const folder = join(docs, 'benchmarks');

/**
 * Keeps what a bench gave in the place of what it gave before, and writes the page anew out of all that is kept.
 * @param order  names of all benches as they stand on the page
 */
export function keep(result: Result, order: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  const file = (bench: string) => join(folder, `${bench}.json`);
  for (const { plots } of result.sections) {
    for (const plot of plots) writeFileSync(join(folder, plot.file), plot.svg);
  }
  const sections = result.sections.map((section) => ({
    ...section,
    plots: section.plots.map((plot) => ({ ...plot, svg: '' })),
  }));
  writeFileSync(file(result.bench), `${JSON.stringify({ ...result, sections }, null, 1)}\n`);
  const kept = order.filter((bench) => existsSync(file(bench)));
  const results = kept.map((bench): Result => JSON.parse(readFileSync(file(bench), 'utf8')));
  writeFileSync(join(docs, 'benchmarks.md'), page(results));
}
