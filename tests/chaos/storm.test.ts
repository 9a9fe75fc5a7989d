import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { check } from './checker/check.ts';
import { report } from './checker/report.ts';
import { readHistory } from './history/history.ts';
import { nemeses } from './nemeses/index.ts';
import { runStorm } from './storm/runStorm.ts';

/** What the storm draws; that its faults meet what it plans, it sees to by itself. */
const seed = 1;

test('a storm over everything at once breaks no promise', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'darkroom-storm-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const path = join(dir, 'storm.jsonl');
  const said: string[] = [];
  const say = (line: string) => said.push(line);
  await runStorm({ seed, orders: 200, minutes: 0, faults: 'quick', lockSeconds: 2, path, say });
  const history = await readHistory(path);
  const findings = check(history);
  if (findings.length > 0) process.stdout.write(`${said.join('\n')}\n${report(history, findings)}\n`);
  expect(findings).toEqual([]);
}, 180_000);

test('docs/chaos.md says what is expected under every fault, and of no other', async () => {
  const page = await readFile(new URL('../../docs/chaos.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| ([^|]+?) +\| ([^|]*?) +\| ([^|]+?) +\| (?:yes|) +\|$/gm)].map((row) =>
    row.slice(1),
  );
  const known = nemeses.map(({ name, steps, expected }) => [name, steps.join(', '), expected]);
  expect(rows.filter(([name]) => !['fault', '---'].includes(name!))).toEqual(known);
});
