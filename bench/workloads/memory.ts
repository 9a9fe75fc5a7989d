import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { type Bench, type Goal, interleaved, type Section, sized } from '../bench.ts';
import type { Contestant, Running } from '../contestants/contestant.ts';
import { type RunningDarkroom, startDarkroom } from '../contestants/darkroom.ts';
import { digits, median, spread } from '../figures/statistics.ts';
import { startUpstream } from '../machine/startUpstream.ts';
import { addAll, allFinished } from './drain.ts';
import { contestantsOf } from './tasks.ts';

/** Bytes a task; kinds of keys where the store is Redis and ours. */
type Weighed = { waiting: number; finished: number; kinds: Record<string, number> };

/** Workload 6: what a task weighs in the store. */
export const memory: Bench = {
  name: 'memory',
  about: 'bytes in the store per waiting and per finished task, beside the peers',
  async run(plan) {
    const tasks = plan.quick ? 300 : sized(plan, 20_000);
    const contestants = plan.quick ? contestantsOf(plan).slice(0, 1) : contestantsOf(plan);
    const once = { ...plan, rounds: Math.min(plan.rounds, 2) };
    const results = await interleaved(
      once,
      contestants,
      (contestant, seed) => weigh(contestant, tasks, seed),
      ({ waiting, finished }) => `${digits(waiting)} waiting, ${digits(finished)} finished`,
    );
    return [bytesSection(tasks, results), kindsSection(results.get('darkroom')!)];
  },
};

async function weigh(contestant: Contestant, tasks: number, seed: number): Promise<Weighed> {
  const upstream = await startUpstream('fixed:50', seed);
  const setting = { upstreamUrl: upstream.url, inFlight: 2000, pollMs: 100 };
  const running: Running =
    contestant.name === 'darkroom' ? await startDarkroom(setting) : await contestant.start(setting);
  try {
    const empty = (await running.store()).bytes;
    await addAll(running, tasks, `seed ${seed}`);
    const waiting = (await running.store()).bytes - empty;
    await running.startWorker();
    await allFinished(running, tasks);
    // The store gives back what it held for connections that were busy.
    await sleep(2000);
    const finished = (await running.store()).bytes - empty;
    const kinds = 'redis' in running ? await kindsIn((running as RunningDarkroom).redis, tasks) : {};
    return { waiting: waiting / tasks, finished: finished / tasks, kinds };
  } finally {
    await running.close();
    await upstream.stop();
  }
}

/** Bytes of all keys by what they are, ids left out. */
async function kindsIn(redis: Redis, tasks: number): Promise<Record<string, number>> {
  const kinds: Record<string, number> = {};
  for await (const keys of redis.scanStream({ count: 1000 })) {
    const sizes = await redis
      .pipeline((keys as string[]).map((key) => ['memory', 'usage', key, 'samples', '0']))
      .exec();
    for (const [i, key] of (keys as string[]).entries()) {
      const kind = kindOf(key);
      kinds[kind] = (kinds[kind] ?? 0) + Number(sizes![i]![1]) / tasks;
    }
  }
  return kinds;
}

const kindOf = (key: string) =>
  key
    .replace(/^\{[^:}]+:(s\d\d|k:[^}]+)\}/, (_, owner: string) => (owner.startsWith('s') ? 'shard' : 'key'))
    .replace(/^\{[^:}]+:([^}]+)\}/, '$1')
    .replace(/task_[0-9a-z]{26}(-\d+)?/, (_, part?: string) => (part ? '<job>' : '<task>'));

function bytesSection(tasks: number, results: ReadonlyMap<string, Weighed[]>): Section {
  const of = (rounds: readonly Weighed[], what: 'waiting' | 'finished') => rounds.map((round) => round[what]);
  const ours = median(of(results.get('darkroom')!, 'finished'));
  const goal: Goal = {
    what: 'Redis per finished task',
    goal: 'at most 2,048 bytes',
    got: digits(ours),
    met: ours <= 2048,
  };
  return {
    title: 'Bytes in the store',
    about: `${tasks.toLocaleString('en-US')} tasks added, weighed, worked off and weighed again, as the growth of Redis' used memory or of the PostgreSQL database.`,
    head: ['contestant', 'bytes/waiting task', 'bytes/finished task'],
    rows: [...results].map(([name, rounds]) => [name, spread(of(rounds, 'waiting')), spread(of(rounds, 'finished'))]),
    goals: [goal],
    notes: [
      'Of Darkroom the last 2,000 finished jobs of a channel, 10,000 events of a key and what marks them as told are kept whatever the number of tasks; with more tasks their share of each falls.',
      'A finished PostgreSQL task leaves dead rows until they are vacuumed; they are in the number.',
    ],
    plots: [],
    raw: Object.fromEntries(results),
  };
}

/** Kinds that weigh less a task are one row. */
const leastBytes = 5;

function kindsSection(rounds: readonly Weighed[]): Section {
  const { kinds } = rounds.at(-1)!;
  const heavy = Object.entries(kinds).filter(([, bytes]) => bytes >= leastBytes);
  const rest = Object.values(kinds).reduce((sum, bytes) => sum + (bytes < leastBytes ? bytes : 0), 0);
  const rows = heavy.sort(([, a], [, b]) => b - a).map(([kind, bytes]) => [`\`${kind}\``, digits(bytes)]);
  return {
    title: 'What a finished task weighs',
    about: '`MEMORY USAGE` of every key, by what it is.',
    head: ['key', 'bytes/finished task'],
    rows: [...rows, ['all others', digits(rest)]],
    goals: [],
    notes: [],
    plots: [],
    raw: kinds,
  };
}
