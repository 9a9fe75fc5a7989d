import { type Bench, interleaved, type Section, sized } from '../bench.ts';
import { darkroom } from '../contestants/darkroom.ts';
import { digits, median, spread } from '../figures/statistics.ts';
import { type Drained, drain } from './drain.ts';

const always = ['--appendfsync', 'always'] as const;

const variants = [
  { name: 'everysec', how: 'the default', redisArgs: [] },
  { name: 'always', how: '`appendfsync always`', redisArgs: always },
  {
    name: 'no file',
    how: '`appendonly no`: nothing survives a restart; the price of the file itself',
    redisArgs: ['--appendonly', 'no'],
  },
] as const;

/** What it costs to lose less when the power goes. */
export const durability: Bench = {
  name: 'durability',
  about: 'Redis syncing its file every second, at every write, and not at all',
  async run(plan) {
    const tasks = plan.quick ? 100 : sized(plan, 5000);
    const results = await interleaved(
      plan,
      plan.quick ? variants.slice(0, 2) : variants,
      ({ redisArgs }, seed) =>
        drain(darkroom, { tasks, inFlight: 2000, pollMs: 100, duration: 'fixed:50', seed, redisArgs }),
      ({ tasks_per_s, added_per_s }) => `${digits(tasks_per_s)} tasks/s, ${digits(added_per_s)} creates/s`,
    );
    return [sectionOf(tasks, results)];
  },
};

function sectionOf(tasks: number, results: ReadonlyMap<string, Drained[]>): Section {
  const of = (name: string, what: keyof Omit<Drained, 'notice'>) => results.get(name)!.map((round) => round[what]);
  const base = median(of('everysec', 'tasks_per_s'));
  return {
    title: 'When Redis syncs its file',
    about: `${tasks.toLocaleString('en-US')} tasks through Darkroom, 2,000 in flight, upstream of 50 ms, one worker process.`,
    head: ['`appendfsync`', 'tasks/s', 'to everysec', 'creates/s', 'Redis CPU ms/task'],
    rows: [...results.keys()].map((name) => [
      name,
      spread(of(name, 'tasks_per_s')),
      digits(median(of(name, 'tasks_per_s')) / base),
      spread(of(name, 'added_per_s')),
      spread(of(name, 'store_cpu_ms')),
    ]),
    goals: [],
    notes: [
      ...variants.filter(({ name }) => results.has(name)).map(({ name, how }) => `${name}: ${how}.`),
      'What a sync takes is a matter of the disk; on one that lies about it, it takes next to nothing.',
      'The prices of fence, outbox and fair queueing are in the bench `costs`.',
    ],
    plots: [],
    raw: Object.fromEntries(results),
  };
}
