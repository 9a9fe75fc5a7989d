import type { GenerationJob } from '@darkroom/shared/queues';
import { type Job, WaitingError } from 'bullmq';
import { generationProcessor } from '../../apps/worker/src/generation/processor.ts';
import { Leases } from '../../apps/worker/src/queue/lease.ts';
import type { Fetched, QueueModel } from './queueModel.ts';
import type { SimProcess } from './simProcess.ts';
import { simulatedDeps } from './simulatedDeps.ts';
import { lockMs, type World } from './world.ts';

/** Jobs of one channel that a worker works on at once. */
const concurrency = 3;

/** How often a worker that is full looks whether it still is, ms. */
const fullMs = 2000;

type Run = { fetched: Fetched; queue: QueueModel; abort: AbortController; over: Promise<void> };

/**
 * A worker process as `SteadyWorker` makes one of the processor: it fetches, renews locks, stops what it lost, and tells
 * the queue how a job ended. Two runs of one job in one process follow each other.
 */
export class SimWorker {
  readonly process: SimProcess;
  isClosing = false;
  readonly leases: Leases;
  /** the fence of its latest claim of each part, by job id */
  readonly fences = new Map<string, number>();
  #world: World;
  #runs = new Map<string, Run>();
  #fetches = 0;
  #isGone = false;

  constructor(process: SimProcess, world: World) {
    this.process = process;
    this.#world = world;
    this.leases = new Leases(lockMs, () => world.timeline.now);
    for (const channel of world.queues.keys()) this.#workOn(channel);
    this.#renewEvery(lockMs / 2);
  }

  get isBusy(): boolean {
    return this.#runs.size > 0;
  }

  get isUsable(): boolean {
    return this.process.alive && !this.#isGone;
  }

  /** A cancel is published to every worker; whoever has the job stops it. */
  hearCancel(jobId: string): void {
    this.#runs.get(jobId)?.abort.abort('canceled');
  }

  close(): void {
    this.isClosing = true;
    for (const run of this.#runs.values()) run.abort.abort('closing');
    const goWhenEmpty = () => {
      if (this.#runs.size > 0) return this.process.later(50, goWhenEmpty);
      this.#isGone = true;
      this.process.die();
    };
    goWhenEmpty();
  }

  #workOn(channel: string): void {
    const queue = this.#world.queues.get(channel)!;
    const process = generationProcessor(simulatedDeps(this, this.#world, channel), (id) => this.leases.holds(id));
    const look = async (): Promise<void> => {
      // A worker that is closing still begins what it had asked for.
      if (this.isClosing) return;
      const running = [...this.#runs.values()].filter((run) => run.queue === queue).length;
      if (running >= concurrency) return this.process.later(fullMs, look);
      const sentAt = this.#world.timeline.now;
      const token = `${this.process.name}:${this.#fetches++}`;
      const fetched = await this.process.send('fetch', () => {
        const job = queue.fetch(token);
        if (!job) queue.onceWaiting(() => this.process.later(this.#world.chance.latency(), look));
        return job;
      });
      if (!fetched) return;
      this.#begin(queue, fetched, sentAt, process);
      this.process.later(0, look);
    };
    this.process.later(0, look);
  }

  #begin(queue: QueueModel, fetched: Fetched, sentAt: number, process: ReturnType<typeof generationProcessor>): void {
    const earlier = this.#runs.get(fetched.id);
    earlier?.abort.abort('lease_lost');
    const abort = new AbortController();
    if (this.isClosing) abort.abort('closing');
    const run: Run = { fetched, queue, abort, over: Promise.resolve() };
    run.over = (async () => {
      await earlier?.over;
      this.leases.begin(fetched.id, sentAt);
      await this.#process(run, process);
      if (this.#runs.get(fetched.id) === run) this.#runs.delete(fetched.id);
    })();
    this.#runs.set(fetched.id, run);
  }

  async #process({ fetched, queue, abort }: Run, process: ReturnType<typeof generationProcessor>): Promise<void> {
    const { id, token } = fetched;
    const settle = (next: 'delayed' | 'completed') =>
      this.process.send(`job ${next}`, () => {
        const settled = queue.settle(id, token, next);
        if (settled && next === 'completed') this.#world.checks.jobCompleted(queue, id);
        return settled;
      });
    try {
      await process(this.#jobOf(fetched, queue), token, abort.signal);
      this.leases.end(id);
      await settle('completed');
    } catch (error) {
      this.leases.end(id);
      if (error instanceof WaitingError) return;
      if (!(error instanceof LockGone) && (error as Error).name !== 'NotOurs') this.#world.checks.threw(error);
      await settle('delayed');
    }
  }

  #jobOf({ id, data, token }: Fetched, queue: QueueModel): Job<GenerationJob> {
    const { send } = this.process;
    return {
      id,
      data,
      priority: 1,
      changePriority: () => send('to the front', () => undefined),
      moveToWait: async () => {
        if (!(await send('hand back', () => queue.settle(id, token, 'waiting')))) throw new LockGone();
      },
    } as unknown as Job<GenerationJob>;
  }

  #renewEvery(ms: number): void {
    const renew = async (): Promise<void> => {
      const runs = [...this.#runs.values()];
      if (runs.length > 0) {
        const sentAt = this.#world.timeline.now;
        const words = await this.process.send('renew', () => runs.map(({ queue, fetched }) => queue.renew(fetched)));
        const renewed = runs.filter((_, i) => words[i] === 'renewed').map(({ fetched }) => fetched.id);
        this.leases.renewed(renewed, sentAt);
        for (const [i, run] of runs.entries()) if (words[i] === 'lost') run.abort.abort('lease_lost');
      }
      this.process.later(ms, renew);
    };
    this.process.later(ms, renew);
  }
}

/** BullMQ refuses what a worker says of a job whose lock it has no more. */
class LockGone extends Error {
  override name = 'LockGone';
}
