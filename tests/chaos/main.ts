import { mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { check } from './checker/check.ts';
import type { Finding } from './checker/finding.ts';
import { report } from './checker/report.ts';
import { readHistory } from './history/history.ts';
import { type Mutant, mutantNames } from './mutants/mutants.ts';
import { runStorm, type StormOptions } from './storm/runStorm.ts';

/**
 * - `pnpm chaos [--tasks N] [--minutes N] [--seed N] [--faults all|quick|a,b] [--lock SECONDS] [--mutant NAME]` runs a
 *   storm and judges it
 * - `pnpm chaos check FILE` judges a history
 * - `pnpm chaos mutants [--seed N] [--mutant NAME]` looks for the seed that catches each mutant, 20 at most
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
const quiet = () => undefined;

/** Faults that a mutant is caught under: those that part what it has joined, and join what it has parted. */
const forMutants = ['worker SIGKILL', 'worker SIGSTOP past its lease', 'API SIGKILL', 'storage: 500 after a write'];
const tasksOfMutants = 80;
const seedsMax = 20;

async function judge(path: string) {
  const history = await readHistory(path);
  return { history, findings: check(history) };
}

async function storm(options: Pick<StormOptions, 'seed' | 'orders' | 'minutes' | 'faults' | 'mutant' | 'say'>) {
  const path = `chaos/storm-${options.seed}${options.mutant ? `-${options.mutant}` : ''}.jsonl`;
  await mkdir('chaos', { recursive: true });
  await runStorm({ ...options, lockSeconds: Number(values.lock), path });
  return judge(path);
}

function tell({ history, findings }: Awaited<ReturnType<typeof judge>>): void {
  say(report(history, findings));
  process.exitCode = findings.length === 0 ? 0 : 1;
}

/** Runs storms over each mutant until one is caught. */
async function hunt(names: readonly Mutant[]): Promise<void> {
  for (const mutant of names) {
    let caught: Finding[] = [];
    let seed = Number(values.seed);
    for (const last = seed + seedsMax; caught.length === 0 && seed < last; seed++) {
      const options = { seed, orders: tasksOfMutants, minutes: 0, faults: forMutants, mutant, say: quiet };
      const { findings } = await storm(options);
      // That a storm was none says nothing of the build.
      caught = findings.filter((finding) => finding.check !== 'theStormWasOne');
    }
    const by = [...new Set(caught.map((finding) => finding.check))].join(', ');
    say(caught.length > 0 ? `${mutant}: seed ${seed - 1}, by ${by}` : `${mutant}: not caught by ${seedsMax} seeds`);
    if (caught[0]) say(`  ${caught[0].what}`);
    else process.exitCode = 1;
  }
}

const wanted = mutantNames.filter((name) => values.mutant === undefined || name === values.mutant);
if (wanted.length === 0) throw new Error(`no such mutant; there are ${mutantNames.join(', ')}`);
if (positionals[0] === 'check') tell(await judge(positionals[1] ?? ''));
else if (positionals[0] === 'mutants') await hunt(wanted);
else {
  const { faults, tasks, minutes, seed } = values;
  say(`seed ${seed}, ${tasks} tasks; the history goes to chaos/`);
  const named = faults === 'all' || faults === 'quick' ? faults : faults.split(',');
  const mutant = values.mutant === undefined ? undefined : wanted[0];
  const numbers = { seed: Number(seed), orders: Number(tasks), minutes: Number(minutes) };
  tell(await storm({ ...numbers, faults: named, mutant, say }));
}
