import { type Bench, type Goal, interleaved, type Plan, type Section, sized } from '../bench.ts';
import { darkroom, startDarkroom } from '../contestants/darkroom.ts';
import { fillQueue } from '../contestants/fillQueue.ts';
import { lines } from '../figures/plot.ts';
import { digits, median, spread } from '../figures/statistics.ts';
import { startUpstream } from '../machine/startUpstream.ts';
import { cpuSeconds } from '../usage/processUsage.ts';
import { allFinished, type Drained, drain } from './drain.ts';

/** Per task that ended while so many waited. */
type Cost = { worker_cpu_ms: number; redis_cpu_ms: number; commands: number };
type Depth = { name: string; waiting: number };

const depthsOf = (sizes: readonly number[]): Depth[] =>
  sizes.map((waiting) => ({ name: waiting.toLocaleString('en-US'), waiting }));

/** Few beside the tasks that are counted: what is begun or half done at either end of the count is little. */
const inFlight = 50;

/** Workload 5: whether a task costs more where many wait, and what more processes give. */
export const growth: Bench = {
  name: 'growth',
  about: 'cost per task at 1,000, 10,000 and 100,000 waiting; 1, 2 and 4 worker processes',
  async run(plan) {
    const depths = depthsOf(plan.quick ? [300, 1000] : [1000, 10_000, 100_000]);
    const served = plan.quick ? 100 : sized(plan, 4000);
    const costs = await interleaved(
      plan,
      depths,
      (depth, seed) => costAt(depth, served, seed),
      ({ worker_cpu_ms, commands }) => `${digits(worker_cpu_ms)} ms, ${digits(commands)} commands a task`,
    );
    return [depthSection(depths, served, costs), await processesSection(plan)];
  },
};

async function costAt({ waiting }: Depth, served: number, seed: number): Promise<Cost> {
  const upstream = await startUpstream('fixed:50', seed);
  const running = await startDarkroom({ upstreamUrl: upstream.url, inFlight, pollMs: 100 });
  try {
    await fillQueue(running, waiting + served);
    await running.startWorker();
    // The first tasks compile the code.
    await allFinished(running, served / 4);
    const cpu = () => ({ worker: cpuSeconds(running.workerPids()), redis: cpuSeconds([running.redisPid]) });
    const [before, cpuBefore, from] = [await running.store(), cpu(), await running.finished()];
    await allFinished(running, served);
    const [after, cpuAfter, to] = [await running.store(), cpu(), await running.finished()];
    const perTask = (value: number) => value / (to - from);
    return {
      worker_cpu_ms: perTask((cpuAfter.worker - cpuBefore.worker) * 1000),
      redis_cpu_ms: perTask((cpuAfter.redis - cpuBefore.redis) * 1000),
      commands: perTask(after.commands - before.commands),
    };
  } finally {
    await running.close();
    await upstream.stop();
  }
}

function depthSection(depths: readonly Depth[], served: number, costs: ReadonlyMap<string, Cost[]>): Section {
  const of = ({ name }: Depth, what: keyof Cost) => costs.get(name)!.map((cost) => cost[what]);
  const cpu = (depth: Depth) => costs.get(depth.name)!.map((cost) => cost.worker_cpu_ms + cost.redis_cpu_ms);
  const [first, last] = [depths[0]!, depths.at(-1)!];
  const cpuGrowth = median(cpu(last)) / median(cpu(first)) - 1;
  const commandGrowth = median(of(last, 'commands')) / median(of(first, 'commands')) - 1;
  const signed = (share: number) => `${share >= 0 ? '+' : '−'}${digits(Math.abs(share) * 100)} %`;
  const goal: Goal = {
    what: `cost per task at ${last.name} waiting beside ${first.name}`,
    goal: 'within 15 %',
    got: `CPU ${signed(cpuGrowth)}, commands ${signed(commandGrowth)}`,
    met: Math.max(cpuGrowth, commandGrowth) <= 0.15,
  };
  const title = 'CPU ms/task by how many wait';
  const line = (name: string, what: 'worker_cpu_ms' | 'redis_cpu_ms') => ({
    name,
    points: depths.map((depth): [number, number] => [depth.waiting, median(of(depth, what))]),
  });
  return {
    title: 'How many wait',
    about: `${served.toLocaleString('en-US')} tasks worked off while so many others wait behind them; ${inFlight} in flight.`,
    head: ['waiting', 'worker CPU ms/task', 'Redis CPU ms/task', 'Redis commands/task'],
    rows: depths.map((depth) => [
      depth.name,
      spread(of(depth, 'worker_cpu_ms')),
      spread(of(depth, 'redis_cpu_ms')),
      spread(of(depth, 'commands')),
    ]),
    goals: [goal],
    notes: ['Commands are those from the claim on; taking the task in is in the bench `tasks`.'],
    plots: [
      {
        file: 'growth-waiting.svg',
        title,
        svg: lines(title, 'tasks waiting', [line('worker', 'worker_cpu_ms'), line('Redis', 'redis_cpu_ms')]),
      },
    ],
    raw: Object.fromEntries(costs),
  };
}

async function processesSection(plan: Plan): Promise<Section> {
  const counts = plan.quick ? [2] : [1, 2, 4];
  const tasks = plan.quick ? 100 : sized(plan, 5000);
  const contestants = counts.map((workers) => ({ name: String(workers), workers }));
  const results = await interleaved(
    plan,
    contestants,
    ({ workers }, seed) => drain(darkroom, { tasks, inFlight: 2000, pollMs: 100, duration: 'fixed:50', seed, workers }),
    ({ tasks_per_s }) => `${digits(tasks_per_s)} tasks/s`,
  );
  const of = (name: string, what: keyof Omit<Drained, 'notice'>) => results.get(name)!.map((round) => round[what]);
  const points = contestants.map(({ name, workers }): [number, number] => [workers, median(of(name, 'tasks_per_s'))]);
  const title = 'Tasks/s by worker processes';
  return {
    title: 'How many worker processes',
    about: `${tasks.toLocaleString('en-US')} tasks, 2,000 in flight over all processes.`,
    head: ['worker processes', 'tasks/s', 'worker CPU ms/task', 'Redis CPU ms/task', 'Redis commands/task'],
    rows: contestants.map(({ name }) => [
      name,
      spread(of(name, 'tasks_per_s')),
      spread(of(name, 'worker_cpu_ms')),
      spread(of(name, 'store_cpu_ms')),
      spread(of(name, 'store_commands')),
    ]),
    goals: [],
    notes: [
      'Workers, Redis and the simulator share the cores of this machine: with more workers than free cores no more is to be had.',
    ],
    plots: [
      { file: 'growth-processes.svg', title, svg: lines(title, 'worker processes', [{ name: 'tasks/s', points }]) },
    ],
    raw: Object.fromEntries(results),
  };
}
