import { mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { check } from './checker/check.ts';
import { report } from './checker/report.ts';
import { readHistory } from './history/history.ts';
import { type Mutant, mutantNames } from './mutants/mutants.ts';
import { runStorm } from './storm/runStorm.ts';

/**
 * `pnpm chaos [--tasks N] [--minutes N] [--seed N] [--faults all|quick|a,b] [--lock SECONDS] [--mutant NAME]` runs a
 * storm and judges it; `pnpm chaos check FILE` judges a history.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tasks: { type: 'string', default: '300' },
    minutes: { type: 'string', default: '0' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    faults: { type: 'string', default: 'all' },
    lock: { type: 'string', default: '2' },
    mutant: { type: 'string' },
  },
});
const say = (line: string) => void process.stdout.write(`${line}\n`);

async function judge(path: string): Promise<void> {
  const history = await readHistory(path);
  const findings = check(history);
  say(report(history, findings));
  process.exitCode = findings.length === 0 ? 0 : 1;
}

async function storm(): Promise<void> {
  const mutant = mutantNames.find((name) => name === values.mutant);
  if (values.mutant !== undefined && !mutant) throw new Error(`no such mutant; there are ${mutantNames.join(', ')}`);
  const path = `chaos/storm-${values.seed}${mutant ? `-${mutant}` : ''}.jsonl`;
  await mkdir('chaos', { recursive: true });
  say(`seed ${values.seed}, ${values.tasks} tasks; the history goes to ${path}`);
  await runStorm({
    seed: Number(values.seed),
    orders: Number(values.tasks),
    minutes: Number(values.minutes),
    faults: values.faults === 'all' || values.faults === 'quick' ? values.faults : values.faults.split(','),
    lockSeconds: Number(values.lock),
    mutant: mutant as Mutant | undefined,
    path,
    say,
  });
  await judge(path);
}

await (positionals[0] === 'check' ? judge(positionals[1] ?? '') : storm());
