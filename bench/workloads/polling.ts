import { type Bench, type Goal, interleaved, type Plan, type Section, sized } from '../bench.ts';
import { bars } from '../figures/plot.ts';
import { digits, median, spread } from '../figures/statistics.ts';
import { type Drained, drain } from './drain.ts';
import { contestantsOf } from './tasks.ts';

type Size = { tasks: number; inFlight: number; duration: string };

const sizes: Record<'full' | 'quick', Size> = {
  full: { tasks: 5000, inFlight: 2000, duration: 'lognormal:12000:0.3' },
  quick: { tasks: 60, inFlight: 60, duration: 'lognormal:2000:0.3' },
};

/** Workload 2: tasks that take as long as pictures do. */
export const polling: Bench = {
  name: 'polling',
  about: '5,000 tasks of about 12 s, 2,000 in flight: how soon an end is noticed, and for how many queries',
  async run(plan) {
    const size = plan.quick ? sizes.quick : { ...sizes.full, tasks: sized(plan, sizes.full.tasks) };
    const results = await measure(plan, size);
    return [sectionOf(size, results)];
  },
};

async function measure(plan: Plan, size: Size): Promise<Map<string, Drained[]>> {
  const all = contestantsOf(plan);
  return interleaved(
    plan,
    plan.quick ? all.slice(0, 2) : all,
    (contestant, seed) => drain(contestant, { ...size, seed }),
    ({ notice, polls }) => `noticed after ${digits(notice.p50)} ms, ${digits(polls)} polls a task`,
  );
}

function sectionOf({ tasks, inFlight, duration }: Size, results: ReadonlyMap<string, Drained[]>): Section {
  const rows = [...results].map(([name, rounds]) => {
    const of = (read: (drained: Drained) => number) => rounds.map(read);
    return [
      name,
      spread(of(({ notice }) => notice.p50)),
      spread(of(({ notice }) => notice.p99)),
      spread(of(({ polls }) => polls)),
      spread(of(({ upstream_requests }) => upstream_requests)),
      spread(of(({ tasks_per_s }) => tasks_per_s)),
      spread(of(({ store_commands }) => store_commands)),
      digits(Math.max(...of(({ worker_mb }) => worker_mb))),
    ];
  });
  const noticed = new Map([...results].map(([name, rounds]) => [name, rounds.map(({ notice }) => notice.p50)]));
  return {
    title: 'Noticing an end',
    about: `${tasks.toLocaleString('en-US')} tasks, \`${duration}\` (median ms, σ of the logarithm), ${inFlight.toLocaleString('en-US')} in flight. The delay runs from a task's end at the upstream to the query that hears of it, as the upstream saw both. Peers ask every 2 s; Darkroom by its own schedule.`,
    head: [
      'contestant',
      'noticed after p50 ms',
      'p99 ms',
      'polls/task',
      'upstream requests/task',
      'tasks/s',
      'store commands/task',
      'worker MB',
    ],
    rows,
    goals: goalsOf(results),
    notes: [
      'The least possible at a mean delay of 1 s is 3.3 polls a task for this distribution; asking every 2 s takes 6.5.',
    ],
    plots: [
      { file: 'polling-notice.svg', title: 'Noticed after (p50), ms', svg: bars('Noticed after (p50), ms', noticed) },
    ],
    raw: Object.fromEntries(results),
  };
}

function goalsOf(results: ReadonlyMap<string, Drained[]>): Goal[] {
  const commands = median(results.get('darkroom')!.map(({ store_commands }) => store_commands));
  const polls = median(results.get('darkroom')!.map((drained) => drained.polls));
  const what = 'Redis commands a task at several polls';
  return [{ what, goal: 'at most 70', got: `${digits(commands)} at ${digits(polls)} polls`, met: commands <= 70 }];
}
