import { setTimeout as sleep } from 'node:timers/promises';
import type { Contestant, Running, Setting } from '../contestants/contestant.ts';
import { startUpstream, type UpstreamFigures } from '../machine/startUpstream.ts';
import { cpuSeconds, peakMegabytes } from '../usage/processUsage.ts';

/** How a crowd of tasks is worked off. */
export type DrainPlan = Omit<Setting, 'upstreamUrl'> & {
  tasks: number;
  /** of the upstream, as its directive `duration` has it */
  duration: string;
  seed: number;
  workers?: number;
};

/** What it took. Per task where it says so. */
export type Drained = {
  added_per_s: number;
  tasks_per_s: number;
  worker_cpu_ms: number;
  store_cpu_ms: number;
  /** from the request for the task to its stored result */
  store_commands: number;
  /** of them, before any work began: what taking a task in costs */
  create_commands: number;
  upstream_requests: number;
  polls: number;
  /** of the largest worker process, at its most */
  worker_mb: number;
  /** time of the simulator on a core, share of the whole run */
  upstream_core_share: number;
  notice: UpstreamFigures['notice'];
};

/** Requests for tasks at once. */
const addersAtOnce = 64;

/** Tasks whose results are read by id at the end: a contestant that only looks done is not. */
const checked = 20;

/**
 * Adds all tasks, then lets the workers at them. Time runs from the first submission at the upstream to the moment at
 * which the last result can be read.
 * @throws Error when a result is missing
 */
export async function drain(contestant: Contestant, plan: DrainPlan): Promise<Drained> {
  const { tasks, duration, seed, workers = 1, ...setting } = plan;
  const upstream = await startUpstream(duration, seed);
  const running = await contestant.start({ ...setting, upstreamUrl: upstream.url });
  try {
    const atStart = await running.store();
    const adding = performance.now();
    const ids = await addAll(running, tasks, `seed ${seed}`);
    const addingMs = performance.now() - adding;
    const afterAdding = await running.store();
    const cpuBefore = await startWorkers(running, workers);
    const upstreamBefore = cpuSeconds([upstream.pid]);
    const began = performance.now();
    const endedAt = await allFinished(running, tasks);
    const ranMs = performance.now() - began;
    const upstreamCpu = cpuSeconds([upstream.pid]) - upstreamBefore;
    const workerCpu = cpuSeconds(running.workerPids()) - cpuBefore;
    const atEnd = await running.store();
    await demandPictures(running, ids);
    const figures = await upstream.figures();
    const perTask = (value: number) => value / tasks;
    return {
      added_per_s: tasks / (addingMs / 1000),
      tasks_per_s: tasks / ((endedAt - figures.firstAt) / 1000),
      worker_cpu_ms: perTask(workerCpu * 1000),
      store_cpu_ms: perTask((atEnd.cpu_s - atStart.cpu_s) * 1000),
      store_commands: perTask(atEnd.commands - atStart.commands),
      create_commands: perTask(afterAdding.commands - atStart.commands),
      upstream_requests: perTask(figures.submissions + figures.polls + figures.downloads),
      polls: perTask(figures.polls),
      worker_mb: Math.max(...running.workerPids().map(peakMegabytes)),
      upstream_core_share: upstreamCpu / (ranMs / 1000),
      notice: figures.notice,
    };
  } finally {
    await running.close();
    await upstream.stop();
  }
}

/** @returns what the workers had taken of the processor when each of them was there, seconds: a start is none of its work */
async function startWorkers(running: Running, count: number): Promise<number> {
  const starting = Array.from({ length: count }, async () => cpuSeconds([await running.startWorker()]));
  return (await Promise.all(starting)).reduce((sum, seconds) => sum + seconds, 0);
}

/** Adds tasks, many at once. @returns their ids */
export async function addAll(running: Pick<Running, 'add'>, tasks: number, name: string): Promise<string[]> {
  const ids: string[] = [];
  let next = 0;
  const adder = async () => {
    while (next < tasks) {
      const i = next++;
      ids[i] = await running.add(`${name}, picture ${i}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(addersAtOnce, tasks) }, adder));
  return ids;
}

/** Nobody needs this long for anything here; who does is stuck. */
const silentMaxMs = 120_000;

/** @returns when so many tasks had ended, ms since the epoch */
export async function allFinished(running: Pick<Running, 'finished'>, tasks: number): Promise<number> {
  let seen = { count: 0, at: Date.now() };
  for (;;) {
    const count = await running.finished();
    const at = Date.now();
    if (count >= tasks) return at;
    if (count > seen.count) seen = { count, at };
    if (at - seen.at > silentMaxMs) throw new Error(`only ${count} of ${tasks} tasks have ended, none of late`);
    await sleep(count > 0.95 * tasks ? 20 : 200);
  }
}

async function demandPictures(running: Running, ids: readonly string[]): Promise<void> {
  const step = Math.max(1, Math.floor(ids.length / checked));
  for (let i = 0; i < ids.length; i += step) {
    if (!(await running.hasPicture(ids[i]!))) throw new Error(`the task ${ids[i]} has no picture`);
  }
}
