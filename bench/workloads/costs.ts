import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Plan, Section } from '../bench.ts';
import { startDarkroom } from '../contestants/darkroom.ts';
import { digits } from '../figures/statistics.ts';
import { startUpstream } from '../machine/startUpstream.ts';
import { type Asked, watchCommands } from '../usage/watchCommands.ts';
import { addAll, allFinished } from './drain.ts';

/** What a promise costs: the scripts and commands that exist for it alone. */
const promises: readonly { promise: string; asked: RegExp }[] = [
  { promise: 'the record: made, listed for its key, read', asked: /^(createTask|zadd :tasks|hgetall :task)/ },
  { promise: 'the fence, looked at before a picture appears', asked: /^hget :task:<id>/ },
  { promise: 'the claim (fence and poison count)', asked: /^claimPart/ },
  { promise: 'states, written ahead of every step', asked: /^changePart/ },
  { promise: 'the outbox: manifest noted, receivers looked up', asked: /^(keepTask|zrange :endpoints)/ },
  {
    promise: 'fair queueing (drawing a tag)',
    asked: /^drawTags/,
  },
  { promise: 'streams of events', asked: /^appendEvent/ },
  { promise: 'rate, holds and circuit at the post', asked: /^(askToSubmit|noteSubmit)/ },
  { promise: 'what Bull Board shows (log lines, progress)', asked: /^showJob/ },
  {
    promise: "the queue: BullMQ's add, fetch and finish",
    asked: /^(BullMQ (add(Prioritized|Standard)Job|moveTo)|bzpopmin)/,
  },
  { promise: 'locks and stalled checks', asked: /^(renewLocks|pulse|BullMQ (extendLocks|moveStalled))/ },
];

/** Where the Redis commands of a task go. */
export const costs: Bench = {
  name: 'costs',
  about: 'which commands of Redis a task takes, and for which promise',
  async run(plan) {
    const tasks = plan.quick ? 100 : 1000;
    const asked = await watch(plan, tasks);
    return [promisesSection(asked, tasks), commandsSection(asked, tasks)];
  },
};

async function watch({ seed }: Plan, tasks: number): Promise<Map<string, Asked>> {
  const upstream = await startUpstream('fixed:50', seed);
  const running = await startDarkroom({ upstreamUrl: upstream.url, inFlight: 200, pollMs: 100 });
  try {
    // Scripts are sent once; what is watched is what every task takes.
    await running.startWorker();
    await addAll(running, 50, 'warm');
    await allFinished(running, 50);
    const watcher = await watchCommands(running.redis);
    await addAll(running, tasks, 'watched');
    // The end is awaited by time: asking for it would be watched, too.
    while ((await upstream.figures()).downloads < tasks + 50) await sleep(200);
    await sleep(2000);
    watcher.stop();
    return watcher.asked;
  } finally {
    await running.close();
    await upstream.stop();
  }
}

type Row = { name: string; calls: number; commands: number };

function promisesSection(asked: ReadonlyMap<string, Asked>, tasks: number): Section {
  const all = [...asked].map(([name, { calls, commands }]): Row => ({ name, calls, commands }));
  const sum = (rows: readonly Row[], what: 'calls' | 'commands') =>
    rows.reduce((total, row) => total + row[what], 0) / tasks;
  const total = sum(all, 'commands');
  const rows = promises.map(({ promise, asked: pattern }) => {
    const its = all.filter(({ name }) => pattern.test(name));
    return { promise, calls: sum(its, 'calls'), commands: sum(its, 'commands') };
  });
  const rest = all.filter(({ name }) => !promises.some(({ asked: pattern }) => pattern.test(name)));
  rows.push({ promise: 'all else', calls: sum(rest, 'calls'), commands: sum(rest, 'commands') });
  rows.sort((a, b) => b.commands - a.commands);
  return {
    title: 'What each promise takes of Redis',
    about: `${tasks.toLocaleString('en-US')} tasks, one picture each, watched by \`MONITOR\`. Calls are trips to Redis; commands are what they are counted as, those within scripts included.`,
    head: ['promise', 'calls/task', 'commands/task', 'share'],
    rows: rows.map(({ promise, calls, commands }) => [
      promise,
      digits(calls),
      digits(commands),
      `${digits((commands / total) * 100)} %`,
    ]),
    goals: [],
    notes: [
      'There is no switch for fence, outbox and fair queueing: their price is the share of commands that exist for them alone. First come, first served would save the drawing of a tag.',
      `All told ${digits(total)} commands a task in ${digits(sum(all, 'calls'))} calls.`,
    ],
    plots: [],
    raw: Object.fromEntries(asked),
  };
}

/** Rows below this many commands a task say nothing. */
const leastCommands = 0.2;

function commandsSection(asked: ReadonlyMap<string, Asked>, tasks: number): Section {
  const rows = [...asked]
    .map(([name, { calls, commands }]) => ({ name, calls: calls / tasks, commands: commands / tasks }))
    .filter(({ commands }) => commands >= leastCommands)
    .sort((a, b) => b.commands - a.commands);
  return {
    title: 'Every script and command',
    about: 'Names of ours are those of the `.lua` files.',
    head: ['script or command', 'calls/task', 'commands/task'],
    rows: rows.map(({ name, calls, commands }) => [name, digits(calls), digits(commands)]),
    goals: [],
    notes: [],
    plots: [],
    raw: null,
  };
}
