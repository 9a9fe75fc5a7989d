import { createSimulator, type SimulatorOptions } from '@darkroom/simulator';
import { percentile } from '../figures/statistics.ts';

/**
 * The simulator as a process of its own, without its log, which would cost as much as its work. Its options come as the
 * first argument (JSON); it answers over IPC.
 */
const simulator = createSimulator({ picture: 'tiny', ...(JSON.parse(process.argv[2]!) as SimulatorOptions) });

/** What a run asks the upstream afterwards. Times in ms. */
export type UpstreamFigures = {
  tasks: number;
  /** when the first of the submissions arrived, ms since the epoch */
  firstAt: number;
  submissions: number;
  polls: number;
  downloads: number;
  /** from the end of a task at the upstream to the query that heard of it */
  notice: { p50: number; p99: number; mean: number };
};

function figures(): UpstreamFigures {
  const tasks = simulator.tasks();
  const told = tasks.filter(({ toldAt }) => toldAt !== null);
  const delays = told.map(({ toldAt, createdAt, durationMs }) => toldAt! - createdAt - durationMs);
  const sum = (of: (task: (typeof tasks)[number]) => number) => tasks.reduce((total, task) => total + of(task), 0);
  return {
    tasks: tasks.length,
    firstAt: simulator.submissions()[0]?.at ?? 0,
    submissions: simulator.submissions().length,
    polls: sum(({ polls }) => polls),
    downloads: sum(({ downloads }) => downloads),
    notice: {
      p50: percentile(delays, 0.5),
      p99: percentile(delays, 0.99),
      mean: delays.reduce((total, delay) => total + delay, 0) / Math.max(1, delays.length),
    },
  };
}

await simulator.listen();
process.on('message', () => process.send!(figures()));
process.on('disconnect', () => process.exit(0));
process.send!({ url: simulator.url });
