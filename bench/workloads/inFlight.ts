import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, type Goal, interleaved, type Section } from '../bench.ts';
import { startDarkroom } from '../contestants/darkroom.ts';
import { digits, median, spread } from '../figures/statistics.ts';
import { startUpstream } from '../machine/startUpstream.ts';
import { cpuSeconds, megabytes, peakMegabytes } from '../usage/processUsage.ts';
import { readMetric } from '../usage/readMetric.ts';
import { addAll } from './drain.ts';

type Held = {
  mb: number;
  peak_mb: number;
  lag_p99_ms: number;
  lag_max_ms: number;
  redis_commands_per_s: number;
  worker_core_share: number;
  redis_core_share: number;
  fill_s: number;
};

/** How many at once: the most that a worker process may have. */
const most = 10_000;

/** As docs/operations.md has it for a worker that is to be small. */
const small = '--max-old-space-size=288 --max-semi-space-size=8';

const workers = [
  { name: 'as it comes', nodeOptions: undefined },
  { name: 'told to be small', nodeOptions: small },
] as const;

/** Workload 4: one worker process with as much in flight as it may have. */
export const inFlight: Bench = {
  name: 'in-flight',
  about: '10,000 tasks in flight in one worker process',
  async run(plan) {
    const tasks = plan.quick ? 500 : most;
    const watchedMs = plan.quick ? 2000 : 30_000;
    const results = await interleaved(
      plan,
      workers,
      ({ nodeOptions }, seed) => hold(tasks, watchedMs, seed, nodeOptions),
      ({ mb, lag_p99_ms }) => `${digits(mb)} MB, loop lag p99 ${digits(lag_p99_ms)} ms`,
    );
    return [sectionOf(tasks, watchedMs, results)];
  },
};

async function hold(tasks: number, watchedMs: number, seed: number, nodeOptions?: string): Promise<Held> {
  const upstream = await startUpstream('fixed:900000', seed);
  const running = await startDarkroom({ upstreamUrl: upstream.url, inFlight: most });
  try {
    await addAll(running, tasks, `seed ${seed}`);
    const filling = performance.now();
    await running.startWorker(nodeOptions);
    while ((await upstream.figures()).tasks < tasks) await sleep(200);
    const fill_s = (performance.now() - filling) / 1000;
    // The schedule grows with the age of a task; after this its polls are as far apart as they get soon.
    await sleep(watchedMs / 3);
    const [pid] = running.workerPids() as [number];
    const [url] = running.metricsUrls() as [string];
    const cpu = () => ({ worker: cpuSeconds([pid]), redis: cpuSeconds([running.redisPid]) });
    // The lag's histogram begins anew with every scrape.
    await readMetric(url, 'darkroom_nodejs_eventloop_lag_p99_seconds');
    const [before, cpuBefore] = [await running.store(), cpu()];
    await sleep(watchedMs);
    const [after, cpuAfter] = [await running.store(), cpu()];
    const lag = await readMetric(
      url,
      'darkroom_nodejs_eventloop_lag_p99_seconds',
      'darkroom_nodejs_eventloop_lag_max_seconds',
    );
    const seconds = watchedMs / 1000;
    return {
      mb: megabytes(pid),
      peak_mb: peakMegabytes(pid),
      lag_p99_ms: lag[0]! * 1000,
      lag_max_ms: lag[1]! * 1000,
      redis_commands_per_s: (after.commands - before.commands) / seconds,
      worker_core_share: (cpuAfter.worker - cpuBefore.worker) / seconds,
      redis_core_share: (cpuAfter.redis - cpuBefore.redis) / seconds,
      fill_s,
    };
  } finally {
    await running.close();
    await upstream.stop();
  }
}

function sectionOf(tasks: number, watchedMs: number, results: ReadonlyMap<string, Held[]>): Section {
  const of = (name: string, what: keyof Held) => results.get(name)!.map((round) => round[what]);
  const goals = workers.flatMap(({ name }): Goal[] => {
    const [mb, lag] = [median(of(name, 'mb')), median(of(name, 'lag_p99_ms'))];
    const what = `10,000 in flight in one worker, ${name}`;
    return [
      { what: `${what}: memory`, goal: 'under 400 MB', got: `${digits(mb)} MB`, met: mb < 400 },
      { what: `${what}: loop lag p99`, goal: 'under 50 ms', got: `${digits(lag)} ms`, met: lag < 50 },
    ];
  });
  const row = (name: string, what: keyof Held) => [name, ...workers.map((worker) => spread(of(worker.name, what)))];
  return {
    title: `${tasks.toLocaleString('en-US')} in flight in one worker process`,
    about: `Tasks that end later than the bench, asked about by the worker's own schedule, watched for ${watchedMs / 1000} s once all have been submitted.`,
    head: ['what', ...workers.map(({ name }) => name)],
    rows: [
      row('resident memory, MB', 'mb'),
      row('resident memory at its most, MB', 'peak_mb'),
      row('loop lag p99, ms', 'lag_p99_ms'),
      row('loop lag, most, ms', 'lag_max_ms'),
      row('Redis commands/s', 'redis_commands_per_s'),
      row('worker, share of a core', 'worker_core_share'),
      row('Redis, share of a core', 'redis_core_share'),
      row('all submitted after, s', 'fill_s'),
    ],
    goals,
    notes: [
      'The lag is that of a timer of 10 ms: an idle loop shows 10.',
      `Told to be small: \`NODE_OPTIONS="${small}"\`. As it comes, V8 lets garbage lie as long as the machine has memory; what lives is some 14 KB a task.`,
    ],
    plots: [],
    raw: Object.fromEntries(results),
  };
}
