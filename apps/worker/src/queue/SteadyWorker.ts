import { type RedisClient, script } from '@darkroom/shared/redis';
import { type Job, type Processor, Worker, type WorkerOptions } from 'bullmq';
import { Leases } from './lease.ts';

const renewLocks = script(new URL('./lua/renewLocks.lua', import.meta.url), {
  keys: ['stalled'],
  args: ['prefix', 'ids', 'tokens', 'marks', 'duration'],
  returns: ['renewed'],
});
const beatPulse = script(new URL('./lua/pulse.lua', import.meta.url), {
  keys: ['pulse'],
  args: ['gap', 'grace'],
  returns: ['check', 'wait'],
});

/** Locks renewed by one script: 10,000 at once block Redis for 90 ms, 500 for under 5. */
const chunk = 500;

/**
 * Jobs fetched ahead of those that run. BullMQ fetches until it is full before it starts the first, and renews no lock
 * until then: with 10,000 at once the first would start after 3 s, with 200 after 66 ms.
 */
const ahead = 200;

export type SteadyWorkerOptions = Omit<WorkerOptions, 'autorun' | 'maxStalledCount'> & {
  lockDuration: number;
  stalledInterval: number;
  concurrency: number;
  prefix: string;
};

/** The abort reason of a job whose lock is another worker's now. */
export const leaseLost = 'lease_lost';

/**
 * A BullMQ worker whose jobs survive an absence of Redis and are taken over soon after a death. Stock BullMQ cannot have
 * both: short locks run everything twice after a pause of Redis, long ones recover in minutes. Three methods of BullMQ's
 * Worker are overridden (`processJob`, `extendJobLocks`, `moveStalledJobsToWait`), so BullMQ is pinned to an exact version
 * and a test fails when one of them changes.
 */
export class SteadyWorker<Data> extends Worker<Data> {
  readonly leases: Leases;
  #redis: RedisClient;
  /** `attemptsStarted/stalledCounter` of each running job when it was started */
  #marks = new Map<string, string>();
  /** the run of each job this process is working on, until BullMQ is done with it */
  #runs = new Map<string, Promise<unknown>>();
  #running = 0;
  #concurrencyMax: number;
  #fetches = 0;

  /**
   * @param redis  a connection for our own scripts, beside the worker's
   * @param pulseKey  where the pulse of this queue's stalled check is kept; must carry the queue's hash tag
   */
  constructor(
    queueName: string,
    process: Processor<Data>,
    { concurrency, ...options }: SteadyWorkerOptions,
    redis: RedisClient,
    pulseKey: string,
  ) {
    const tracked: Processor<Data> = (job, token, signal) =>
      this.#track(job, concurrency, () => process(job, token, signal));
    super(queueName, tracked, {
      ...options,
      concurrency: Math.min(concurrency, ahead),
      autorun: false,
      // BullMQ would fail a job unseen after so many stalls, and never resets its count. Poison is our own rule.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    this.#redis = redis;
    this.leases = new Leases(options.lockDuration, () => performance.now());
    this.#concurrencyMax = concurrency;
    this.#checkStalledByPulse(pulseKey, options);
    this.#countFetches();
    this.on('lockRenewalFailed', (ids) => {
      for (const id of ids) this.cancelJob(id, leaseLost);
    });
  }

  async #track<R>(job: Job<Data>, concurrency: number, run: () => Promise<R>): Promise<R> {
    const id = job.id!;
    this.#marks.set(id, `${job.attemptsStarted}/${job.stalledCounter}`);
    this.leases.begin(id, performance.now() - Math.max(0, Date.now() - (job.processedOn ?? Date.now())));
    this.#running++;
    this.concurrency = Math.min(concurrency, this.#running + ahead);
    try {
      return await run();
    } finally {
      this.#running--;
      this.#marks.delete(id);
      this.leases.end(id);
    }
  }

  /**
   * Runs a job, after any earlier run of the same job in this process. A worker that was frozen past its lock can fetch
   * its own job again before it knows that it lost it; BullMQ tracks locks by job id, so the old run's end would leave
   * the new run without renewals.
   */
  override async processJob(...args: Parameters<Worker<Data>['processJob']>): ReturnType<Worker<Data>['processJob']> {
    const id = args[0].id!;
    const earlier = this.#runs.get(id);
    if (earlier) this.cancelJob(id, leaseLost);
    const run = (async () => {
      await earlier?.catch(() => undefined);
      return super.processJob(...args);
    })();
    this.#runs.set(id, run);
    try {
      return await run;
    } finally {
      if (this.#runs.get(id) === run) this.#runs.delete(id);
    }
  }

  override async extendJobLocks(ids: string[], tokens: string[], duration: number): Promise<string[]> {
    const lost: string[] = [];
    for (let start = 0; start < ids.length; start += chunk) {
      const some = ids.slice(start, start + chunk);
      const sentAt = performance.now();
      const { rest } = await renewLocks(
        this.#redis,
        { stalled: this.toKey('stalled') },
        {
          prefix: this.toKey(''),
          ids: JSON.stringify(some),
          tokens: JSON.stringify(tokens.slice(start, start + chunk)),
          marks: JSON.stringify(some.map((id) => this.#marks.get(id) ?? 'unknown')),
          duration,
        },
      );
      const gone = new Set(rest as string[]);
      this.leases.renewed(
        some.filter((id) => !gone.has(id)),
        sentAt,
      );
      lost.push(...gone);
    }
    return lost;
  }

  /** How often this worker has come back from asking the queue for a job. */
  fetches(): number {
    return this.#fetches;
  }

  /** Whether it has as many jobs as it may have, and so asks for none. */
  isFull(): boolean {
    return this.#running >= this.#concurrencyMax;
  }

  #countFetches(): void {
    const stock = this as unknown as { _getNextJob: (...args: unknown[]) => Promise<unknown> };
    const fetch = stock._getNextJob.bind(this);
    stock._getNextJob = async (...args) => {
      const job = await fetch(...args);
      this.#fetches++;
      return job;
    };
  }

  // `moveStalledJobsToWait` is private in BullMQ's types, so it cannot be overridden as a method.
  #checkStalledByPulse(
    pulse: string,
    { lockDuration, stalledInterval }: Pick<SteadyWorkerOptions, 'lockDuration' | 'stalledInterval'>,
  ): void {
    const stock = this as unknown as { moveStalledJobsToWait: () => Promise<void> };
    const check = stock.moveStalledJobsToWait.bind(this);
    const gap = stalledInterval * 2 + 1000;
    const grace = lockDuration / 2 + stalledInterval;
    stock.moveStalledJobsToWait = async () => {
      const { word } = await beatPulse(this.#redis, { pulse }, { gap, grace });
      if (word === 'check') await check();
    };
  }
}
