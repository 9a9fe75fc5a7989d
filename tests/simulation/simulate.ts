import type { Fault, Plan, Terms } from './plan.ts';
import type { SimWorker } from './simWorker.ts';
import { start_ms, World } from './world.ts';

/** A simulation that has not come to rest by then never will, ms of virtual time. */
const longestMs = 3_600_000;

/** The sweep's own interval, ms. */
const sweepMs = 60_000;

/** A worker that was told to go and has not gone by then is killed, ms. */
const drainMs = 8000;

/** Lines of the story that a failure shows. */
const linesShown = 60;

/** What a simulation came to: what was broken, if anything, and the story up to there. */
export type Outcome = { broken: string[]; story: string[]; steps: number };

/**
 * Runs the worker's own code through a plan, in virtual time, until all tasks have ended or something is broken. The
 * same plan gives the same story.
 */
export async function simulate(plan: Plan, terms: Terms): Promise<Outcome> {
  const world = new World(plan, terms);
  const faults = [...plan.faults].sort((a, b) => b.at - a.at);
  sweepNowAndThen(world);
  const { timeline, checks, story } = world;
  while (!world.isAtRest() && checks.broken.length === 0 && timeline.now < start_ms + longestMs) {
    while (faults.length > 0 && faults.at(-1)!.at <= timeline.steps) strike(world, faults.pop()!);
    world.replaceGone();
    await timeline.step();
  }
  if (checks.broken.length === 0) checks.atRest([...world.tasks.keys()], world.objects);
  return { broken: checks.broken, story: story.slice(-linesShown), steps: timeline.steps };
}

function sweepNowAndThen(world: World): void {
  const sweep = () => {
    world.sweep();
    world.timeline.after(sweepMs, sweep);
  };
  world.timeline.after(sweepMs, sweep);
}

function strike(world: World, { kind, who, ms }: Fault): void {
  const { workers, queues, tasks } = world;
  const worker: SimWorker | undefined = workers[who % Math.max(1, workers.length)];
  world.tell('fault', `${kind} ${worker?.process.name ?? ''} ${kind === 'freeze' ? ms : ''}`);
  switch (kind) {
    case 'crash':
      worker?.process.die();
      break;
    case 'freeze':
      worker?.process.freeze(ms);
      break;
    case 'close':
      if (worker) close(world, worker);
      break;
    case 'cancel':
      world.cancel([...tasks.keys()][who % tasks.size]!);
      break;
    case 'lock': {
      const active = [...queues.values()].flatMap((queue) =>
        [...queue.jobs.values()].filter((job) => job.state === 'active').map((job) => ({ queue, job })),
      );
      const robbed = active[who % Math.max(1, active.length)];
      robbed?.queue.dropLock(robbed.job.id);
      break;
    }
    case 'resend':
      world.resendNext();
      break;
    case 'sweep':
      world.sweep();
      break;
  }
}

function close({ timeline }: World, worker: SimWorker): void {
  // A frozen process reads the signal when it thaws.
  timeline.after(0, () => worker.close(), worker.process);
  timeline.after(drainMs, () => worker.process.die());
}
