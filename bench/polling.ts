import { computedSchedule } from '../apps/worker/src/polling/computedSchedule.ts';
import { fixedSchedule } from '../apps/worker/src/polling/fixedSchedule.ts';
import { knowledgeOf } from '../apps/worker/src/polling/knowledge.ts';
import { nextPollAt, outlookOf, type PollBounds, planForDelay } from '../apps/worker/src/polling/planPolls.ts';
import type { PollSchedule } from '../apps/worker/src/polling/pollSchedule.ts';
import { durationsInMemory } from '../apps/worker/src/polling/testing/durationsInMemory.ts';
import { simulateTasks } from '../apps/worker/src/polling/testing/simulateTasks.ts';
import { Chance } from '../tests/simulation/chance.ts';
import { halfAndHalf, lognormal, longer, truthOf, type UpstreamTimes } from './upstreamTimes.ts';

/**
 * What computed polling costs beside the least that anybody could do who knew the true distribution of durations, and
 * what computing it costs: `node bench/polling.ts [runs] [seed]`. Virtual time, the worker's own modules, the store in
 * memory. The optimum polls at any time it likes; the contestants keep the default bounds.
 */
const runs = Number(process.argv[2] ?? 100);
const seed = Number(process.argv[3] ?? 1);
const say = (line: string) => process.stdout.write(`${line}\n`);

const bounds: PollBounds = { min_ms: 1000, max_ms: 60_000 };
const target_delay_ms = 1000;
const inFlight = 10;
/** Tasks to learn from, and tasks that are then measured; and the same again after durations have changed. */
const [toLearn, measured] = [200, 100];
const changesAt = toLearn + measured;
const store = durationsInMemory;

type Contestant = { schedule: (chance: Chance) => PollSchedule; isHonest?: boolean };

const computed = (chance: Chance) =>
  computedSchedule({ bounds, target_delay_ms, store: store(), onTrouble: rethrow, random: () => chance.draw() });
const contestants: Record<string, Contestant> = {
  computed: { schedule: computed },
  'computed, honest progress': { schedule: computed, isHonest: true },
  'every 2 s': { schedule: () => fixedSchedule({ min_ms: 2000, max_ms: 2000 }) },
};

function rethrow(error: unknown): never {
  throw error;
}

type Cost = { polls: number; delay_ms: number };

/** Mean polls and delay of the tasks after the first 200, and of those after 200 since durations have changed. */
async function measure({ schedule, isHonest }: Contestant, times: UpstreamTimes, changed: UpstreamTimes) {
  const sums = [0, 1].map(() => ({ polls: 0, delay_ms: 0 }));
  for (let run = 0; run < runs; run++) {
    const chance = new Chance(seed * 100_003 + run);
    const noticed = await simulateTasks(schedule(chance), {
      count: 2 * changesAt,
      inFlight,
      durationOf: (number) => (number < changesAt ? times : changed).draw(chance),
      progressOf: isHonest ? (elapsed, duration) => Math.floor((100 * elapsed) / duration) : undefined,
    });
    for (const { number, polls, delay_ms } of noticed) {
      if (number % changesAt < toLearn) continue;
      const sum = sums[number < changesAt ? 0 : 1]!;
      sum.polls += polls / measured / runs;
      sum.delay_ms += delay_ms / measured / runs;
    }
  }
  return sums as [Cost, Cost];
}

function row(cells: (string | number)[]): string {
  const shown = cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(2) : cell));
  return `| ${shown.join(' | ')} |`;
}

/** Rows of one upstream in one phase: the optimum, and each contestant beside it. */
function tell(times: UpstreamTimes, phase: string, results: Map<string, Cost>): void {
  const plan = planForDelay(truthOf(times), { min_ms: 20, max_ms: 600_000 }, target_delay_ms);
  const optimum = outlookOf(plan);
  const costOf = ({ polls, delay_ms }: Cost) => polls + (plan.lambda * delay_ms) / 1000;
  for (const [name, cost] of [['optimum', optimum] as const, ...results]) {
    const { polls, delay_ms } = cost;
    say(row([times.name, phase, name, polls, delay_ms / 1000, costOf(cost), costOf(cost) / costOf(optimum)]));
  }
}

async function compare(times: UpstreamTimes): Promise<void> {
  for (const [change, factor] of [
    ['doubled', 2],
    ['halved', 0.5],
  ] as const) {
    const first = new Map<string, Cost>();
    const second = new Map<string, Cost>();
    for (const [name, contestant] of Object.entries(contestants)) {
      const [before, after] = await measure(contestant, times, longer(times, factor));
      first.set(name, before);
      second.set(name, after);
    }
    if (change === 'doubled') tell(times, '200 tasks', first);
    tell(longer(times, factor), `200 since they ${change}`, second);
  }
}

/** How long it takes to learn a plan from 200 tasks, and to ask it. */
async function price(times: UpstreamTimes): Promise<void> {
  const chance = new Chance(seed);
  const kept = store();
  const schedule = computedSchedule({
    bounds,
    target_delay_ms,
    store: kept,
    onTrouble: rethrow,
    random: () => chance.draw(),
  });
  await simulateTasks(schedule, { count: 200, inFlight, durationOf: () => times.draw(chance) });
  const learned = await kept.read({ channel: 'main', model: 'NanoBanana', n: 1 });
  const took = (repeats: number, run: () => unknown) => {
    for (let i = 0; i < repeats; i++) run();
    const began = performance.now();
    for (let i = 0; i < repeats; i++) run();
    return ((performance.now() - began) / repeats) * 1000;
  };
  const plan = knowledgeOf(learned, bounds, target_delay_ms)!.planFor(undefined);
  const learning = took(500, () => knowledgeOf(learned, bounds, target_delay_ms));
  const asking = took(20_000, () => nextPollAt(plan, 11_000));
  say(row([times.name, String(plan.cost.length), `${learning.toFixed(0)} µs`, `${asking.toFixed(1)} µs`]));
}

const upstreams = [
  ...[0.15, 0.3, 0.5].map((sigma) => lognormal(12_000, sigma)),
  halfAndHalf('medians of 8 and 20 s, σ 0.15', lognormal(8000, 0.15), lognormal(20_000, 0.15)),
];
say(`${runs} runs, seed ${seed}, ${inFlight} tasks in flight, ${measured} measured in each phase of a run\n`);
say(row(['durations', 'after', 'who', 'polls', 'delay, s', 'polls + λ · delay', 'of the optimum']));
say(row(Array(7).fill('---')));
for (const times of upstreams) await compare(times);
say(`\n${row(['durations', 'times in the table', 'a plan, from what is known', 'a poll, from the plan'])}`);
say(row(Array(4).fill('---')));
for (const times of upstreams) await price(times);
