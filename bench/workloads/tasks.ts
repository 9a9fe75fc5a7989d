import { type Bench, type Goal, interleaved, type Plan, type Section, sized } from '../bench.ts';
import type { Contestant } from '../contestants/contestant.ts';
import { darkroom } from '../contestants/darkroom.ts';
import { peerContestant } from '../contestants/peerContestant.ts';
import { bars } from '../figures/plot.ts';
import { digits, median, spread } from '../figures/statistics.ts';
import { peers } from '../peers/all.ts';
import { type Drained, type DrainPlan, drain } from './drain.ts';

export const contestantsOf = ({ postgres }: Plan): Contestant[] => [
  darkroom,
  ...peers.map((peer) => peerContestant(peer, postgres)),
];

type Variant = {
  title: string;
  about: string;
  file: string;
  plan: Omit<DrainPlan, 'seed' | 'duration'>;
  /** whether it says what the contestants are and what is counted; once is enough */
  explains: boolean;
  goalsOf: (results: ReadonlyMap<string, Drained[]>) => Goal[];
};

const variants: readonly Variant[] = [
  {
    title: 'Each as it is advised, 2,000 in flight',
    about:
      'Peers ask every 2 s, as a textbook has it; Darkroom asks by its own schedule. How long a slot is taken decides as much as what a task costs.',
    file: 'tasks-advised.svg',
    plan: { tasks: 10_000, inFlight: 2000 },
    explains: true,
    goalsOf: (results) => [speedGoal(results, '2,000 in flight'), commandsGoal(results)],
  },
  {
    title: 'All ask every 100 ms, 2,000 in flight',
    about: 'The same pace for all: what is left is what a task costs each of them.',
    file: 'tasks-same-pace.svg',
    plan: { tasks: 10_000, inFlight: 2000, pollMs: 100 },
    explains: false,
    goalsOf: () => [],
  },
];

/** A channel's own cap. */
const byDefault: Variant = {
  title: 'Each as it is advised, 200 in flight',
  about: 'An account that takes 200 at once, which is the default of a channel.',
  file: 'tasks-200.svg',
  plan: { tasks: 2000, inFlight: 200 },
  explains: false,
  goalsOf: (results) => [speedGoal(results, '200 in flight, as by default')],
};

const quickVariant: Variant = {
  ...variants[0]!,
  plan: { tasks: 100, inFlight: 100 },
  title: 'A few tasks, all at once',
};

const head = [
  'contestant',
  'tasks/s',
  'to ours',
  'worker CPU ms/task',
  'store CPU ms/task',
  'store commands/task',
  'of them to take it in',
  'upstream requests/task',
  'worker MB',
];

/** Workload 1: many tasks on an upstream that takes 50 ms. */
export const tasks: Bench = {
  name: 'tasks',
  about: '10,000 tasks on an upstream that takes 50 ms, beside the peers',
  async run(plan) {
    const sections: Section[] = [];
    for (const variant of plan.quick ? [quickVariant] : variants) {
      plan.say(`${variant.title}`);
      sections.push(await runVariant(plan, variant));
    }
    return sections;
  },
};

/** The same at the cap that a channel has unless it is told otherwise. */
export const defaultCap: Bench = {
  name: 'default-cap',
  about: '2,000 tasks on the same upstream, 200 in flight, beside the peers',
  run: async (plan) => [await runVariant(plan, plan.quick ? { ...byDefault, plan: quickVariant.plan } : byDefault)],
};

async function runVariant(plan: Plan, variant: Variant): Promise<Section> {
  const contestants = contestantsOf(plan);
  // Beside one whose tasks do not wait for each other a cap says nothing.
  const capless = new Set(contestants.filter((contestant) => contestant.capless).map(({ name }) => name));
  const tasks = sized(plan, variant.plan.tasks);
  const results = await interleaved(
    plan,
    contestants,
    (contestant, seed) => drain(contestant, { ...variant.plan, tasks, seed, duration: 'fixed:50' }),
    (drained) => `${digits(drained.tasks_per_s)} tasks/s`,
  );
  const ours = results.get('darkroom')!;
  const of = (rounds: readonly Drained[], what: keyof Omit<Drained, 'notice'>) => rounds.map((round) => round[what]);
  const rows = contestants.map(({ name }) => {
    const rounds = results.get(name)!;
    const ratio = median(of(rounds, 'tasks_per_s')) / median(of(ours, 'tasks_per_s'));
    return [
      name,
      spread(of(rounds, 'tasks_per_s')),
      digits(ratio),
      spread(of(rounds, 'worker_cpu_ms')),
      spread(of(rounds, 'store_cpu_ms')),
      digits(median(of(rounds, 'store_commands'))),
      digits(median(of(rounds, 'create_commands'))),
      digits(median(of(rounds, 'upstream_requests'))),
      digits(Math.max(...of(rounds, 'worker_mb'))),
    ];
  });
  const speeds = new Map([...results].map(([name, rounds]) => [name, of(rounds, 'tasks_per_s')]));
  return {
    title: variant.title,
    about: `${variant.about} ${tasks.toLocaleString('en-US')} tasks.`,
    head,
    rows,
    goals: variant.goalsOf(new Map([...results].filter(([name]) => !capless.has(name)))),
    notes: [...(variant.explains ? explanations(contestants) : []), upstreamShare(results)],
    plots: [{ file: variant.file, title: variant.title, svg: bars(`${variant.title}: tasks/s`, speeds) }],
    raw: Object.fromEntries(results),
  };
}

function speedGoal(results: ReadonlyMap<string, Drained[]>, cap: string): Goal {
  const speed = (name: string) => median(results.get(name)!.map(({ tasks_per_s }) => tasks_per_s));
  const others = [...results.keys()].filter((name) => name !== 'darkroom');
  const best = others.reduce((a, b) => (speed(b) > speed(a) ? b : a));
  const ratio = speed('darkroom') / speed(best);
  return {
    what: `tasks/s beside the best peer that keeps the cap, ${cap}`,
    goal: 'at least 2x',
    got: `${digits(ratio)}x (${best})`,
    met: ratio >= 2,
  };
}

function commandsGoal(results: ReadonlyMap<string, Drained[]>): Goal {
  const commands = median(results.get('darkroom')!.map(({ store_commands }) => store_commands));
  return { what: 'Redis commands a task, all told', goal: 'at most 70', got: digits(commands), met: commands <= 70 };
}

/** A simulator that is nearly busy with this says nothing about who asks it. */
const busyShare = 0.8;

function upstreamShare(results: ReadonlyMap<string, Drained[]>): string {
  const shares = [...results.values()].flat().map(({ upstream_core_share }) => upstream_core_share);
  const most = Math.max(...shares);
  return `The simulator took at most ${digits(most * 100)} % of a core${most > busyShare ? ': it may have been the limit' : ''}.`;
}

function explanations(contestants: readonly Contestant[]): string[] {
  return [
    ...contestants.map(({ name, how }) => `${name}: ${how}.`),
    'A store command is a command of Redis, those within scripts included, or a statement of PostgreSQL; one of the latter does more.',
    'Redis syncs its file every second (`everysec`), PostgreSQL at every commit: both as they are advised.',
    'Every run has a new Redis, so Darkroom holds each record against storage, as it does for ten minutes after a restart: one command and a look at the disk a task.',
    '`bullmq-steps` caps its steps and cannot cap tasks in flight: its tasks do not wait for each other.',
  ];
}
