import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Bench, Plan, Section } from '../bench.ts';

/** A bench that tells its figures in lines of its own. */
type Program = { name: string; file: string; about: string; quickArgs: readonly string[] };

const programs: readonly Program[] = [
  {
    name: 'takeover',
    file: 'takeover.ts',
    about: 'how long the 5,000 tasks of a worker that is killed are without one',
    quickArgs: ['200'],
  },
  {
    name: 'held-waits',
    file: 'heldWaits.ts',
    about: 'how soon 5,000 held requests hear of the ends of their tasks',
    quickArgs: ['100', '2000'],
  },
  {
    name: 'fairness',
    file: 'fairness.ts',
    about: 'what a key with 50,000 waiting does to another one with ten, fair queueing on and off',
    quickArgs: ['2000'],
  },
  {
    name: 'dead-endpoint',
    file: 'deadEndpoint.ts',
    about: 'what a dead webhook endpoint with 5,000 pending deliveries does to twenty that live',
    quickArgs: ['100', '10'],
  },
  {
    name: 'streams',
    file: 'streams.ts',
    about: 'what thousands of event streams cost one API process, and how soon each hears',
    quickArgs: ['200', '3'],
  },
  {
    name: 'batch',
    file: 'batch.ts',
    about: 'a batch of 50,000 lines from upload to output, and another that is canceled in mid-run',
    quickArgs: ['300'],
  },
  {
    name: 'schedule',
    file: 'polling.ts',
    about: 'the computed polls beside the optimum of the true distribution, in virtual time',
    quickArgs: ['5'],
  },
];

export const programBenches: readonly Bench[] = programs.map((program) => ({
  name: program.name,
  about: program.about,
  run: async (plan) => [await sectionOf(plan, program)],
}));

async function sectionOf(plan: Plan, { name, file, about, quickArgs }: Program): Promise<Section> {
  const rows: string[][] = [];
  const raw: string[][] = [];
  // They fill whole queues and wait for real ends: twice shows whether a number stands.
  const rounds = Math.min(plan.rounds, 2);
  for (let round = 1; round <= rounds; round++) {
    const said = await linesOf(file, plan.quick ? quickArgs : []);
    raw.push(said);
    rows.push(...said.map((line) => [String(round), line]));
    for (const line of said) plan.say(`  round ${round}/${rounds} ${line}`);
  }
  return {
    title: name,
    about: `${about.charAt(0).toUpperCase()}${about.slice(1)}.`,
    head: ['round', 'measured'],
    rows,
    goals: [],
    notes: [],
    plots: [],
    raw,
  };
}

async function linesOf(file: string, args: readonly string[]): Promise<string[]> {
  const program = fileURLToPath(new URL(`../${file}`, import.meta.url));
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${file} ended with ${code}:\n${lines.join('\n')}`);
  return lines;
}
