import { setTimeout as pause } from 'node:timers/promises';
import { Chance } from '../../simulation/chance.ts';
import type { BatchEnd } from '../clients/batches.ts';
import { type Listeners, startListeners } from '../clients/listeners.ts';
import { callRecorder } from '../clients/recorder.ts';
import { type History, writeHistory } from '../history/history.ts';
import { type House, openHouse } from '../house/house.ts';
import type { Mutant } from '../mutants/mutants.ts';
import { type Nemesis, nemeses } from '../nemeses/index.ts';
import { type Crowd, startCrowd } from './crowd.ts';
import { writeFinalState } from './finalState.ts';
import { type Steps, type StepWatch, watchSteps } from './steps.ts';
import { watchStuck } from './stuck.ts';
import { watchUsage } from './usage.ts';

export type StormOptions = {
  seed: number;
  orders: number;
  /** goes on striking for so long; 0: strikes with each fault once */
  minutes: number;
  /** only the faults of the bounded storm, or those of these names */
  faults: 'quick' | 'all' | readonly string[];
  lockSeconds: number;
  mutant?: Mutant;
  /** where the history is written */
  path: string;
  say: (line: string) => void;
};

/** Looks into Redis this often. */
const lookMs = 300;

/** Longest that deliveries may go on once every client has what it wanted. */
const restMs = 120_000;

/** Longest a fault waits for what it is to strike. */
const meetMs = 10_000;

/**
 * Runs a storm: clients of every entry order, wait, cancel, hang up and repeat, while everything they stand on breaks.
 * What happens is written down; judging it is the checker's.
 */
export async function runStorm(options: StormOptions): Promise<void> {
  const { seed, orders, path, mutant, say } = options;
  const history = writeHistory(path);
  const chance = new Chance(seed);
  const random = () => chance.draw();
  const house = await openHouse({ history, seed, random, mutant, lockSeconds: options.lockSeconds });
  const plan = planOf(options, chance);
  const planned = [...new Map(plan.map((nemesis) => [nemesis.name, nemesis])).values()];
  const cells = planned.flatMap(({ name, steps }) => steps.map((step): [string, string] => [name, step]));
  const { prefix, secrets } = house;
  history.add({ t: 'storm', seed, orders, prefix, mutant: mutant ?? null, planned: cells, secrets });
  const listeners = await startListeners(house);
  const watch = watchSteps(house);
  const stuck = watchStuck(house, watch, () => crowd.isBusy());
  const usage = watchUsage(house);
  const looking = setInterval(() => void watch.look().catch(() => undefined), lookMs);
  const deps = { house, chance, isOver: () => stuck.isStuck(), hooks: listeners.hooks, record: callRecorder(history) };
  const crowd: Crowd = startCrowd(deps, orders);
  const until = Date.now() + options.minutes * 60_000;
  for (let i = 0; !stuck.isStuck(); i++) {
    const share =
      options.minutes > 0 ? 1 - Math.max(0, until - Date.now()) / (options.minutes * 60_000) : (i + 1) / plan.length;
    crowd.release(Math.ceil(orders * Math.min(1, share + 1 / plan.length)));
    const nemesis = plan[i % plan.length]!;
    if (options.minutes > 0 ? Date.now() > until : i >= plan.length) break;
    if (nemesis.once && i >= plan.length) continue;
    await strike({ house, chance, listeners, crowd }, nemesis, watch, say);
  }
  crowd.release(orders);
  const batches = await Promise.race([crowd.done(), stuck.whenStuck()]);
  const restless = setTimeout(stuck.declare, restMs);
  await Promise.race([quiet(house, watch), stuck.whenStuck()]);
  clearTimeout(restless);
  if (stuck.isStuck()) say(await stuck.dump());
  clearInterval(looking);
  usage.stop();
  await watch.look().catch(() => undefined);
  await finish(house, history, listeners, { batches: batches ?? [], stuck: stuck.isStuck() });
  for (const line of usage.report()) say(line);
}

/** The faults in the order in which they strike, drawn anew for every round. */
function planOf({ faults, minutes }: StormOptions, chance: Chance): Nemesis[] {
  const wanted = ({ name, quick }: Nemesis) => faults === 'all' || (faults === 'quick' ? quick : faults.includes(name));
  const round = () => shuffled(nemeses.filter(wanted), chance);
  return minutes > 0 ? [...round(), ...round(), ...round(), ...round()] : round();
}

function shuffled<T>(items: readonly T[], chance: Chance): T[] {
  const left = [...items];
  return Array.from({ length: left.length }, () => left.splice(chance.below(left.length), 1)[0]!);
}

type At = { house: House; chance: Chance; listeners: Listeners; crowd: Crowd };

/** Strikes once everything is going on that it is to strike, which more orders see to; or after a while without. */
async function strike(at: At, nemesis: Nemesis, watch: StepWatch, say: StormOptions['say']): Promise<void> {
  const { history } = at.house;
  const until = Date.now() + meetMs;
  let steps: Steps = await watch.look();
  while (nemesis.steps.some((step) => steps[step] === 0) && Date.now() < until) {
    await pause(20);
    at.crowd.more();
    steps = await watch.look();
  }
  history.add({ t: 'fault', name: nemesis.name, phase: 'begin', steps });
  const began = history.now();
  await nemesis.strike(at);
  history.add({ t: 'fault', name: nemesis.name, phase: 'end' });
  const met = nemesis.steps.map((step) => `${step} ${steps[step]}`).join(', ');
  say(`${(began / 1000).toFixed(1)} s  ${nemesis.name} (${met}), ${Math.round(history.now() - began)} ms`);
  await pause(at.chance.below(600));
}

/** Resolves when nothing is open any more, and everybody has been told. */
async function quiet(house: House, watch: StepWatch): Promise<void> {
  const { admin } = house.redis.main;
  const deliveries = `{${house.prefix}:deliveries}:deliveries`;
  for (let still = 0; still < 10; ) {
    await pause(300);
    const open = await watch.openIds().catch(() => ['unknown']);
    const waiting = [
      await admin.llen(`${deliveries}:active`),
      await admin.llen(`${deliveries}:wait`),
      await admin.zcard(`${deliveries}:delayed`),
    ];
    still = open.length === 0 && waiting.every((count) => count === 0) ? still + 1 : 0;
  }
}

async function finish(
  house: House,
  history: History,
  listeners: Listeners,
  { batches, stuck }: { batches: BatchEnd[]; stuck: boolean },
): Promise<void> {
  // A task that ended unheard is told of by a sweep, after its grace of ten seconds.
  if (!stuck) await pause(12_000);
  await listeners.close();
  await writeFinalState(house);
  await house.close();
  const why = stuck ? 'nothing moved for a minute' : 'everything came to rest';
  history.add({ t: 'end', stuck, why, batches });
  await history.close();
}
