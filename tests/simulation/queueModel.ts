import type { GenerationJob } from '@darkroom/shared/queues';
import type { Chance } from './chance.ts';
import type { Timeline } from './timeline.ts';

type JobState = 'waiting' | 'active' | 'delayed' | 'completed';

export type QueuedJob = {
  id: string;
  data: GenerationJob;
  state: JobState;
  token: string;
  /** the lock is gone from then on */
  lockedUntil: number;
  starts: number;
  stalls: number;
  dueAt: number;
};

/** A job as a worker fetched it; the mark tells whether it was started or found stalled since. */
export type Fetched = { id: string; data: GenerationJob; token: string; mark: string };

/** Pause before a job that threw is tried again, as in `jobOptions`. */
const backoffMs = 5000;

/**
 * BullMQ's contract, as our worker uses it: a job is given to another worker only when its lock is gone, and what its
 * former holder then says of it is refused. Renewal is that of `renewLocks.lua`.
 */
export class QueueModel {
  readonly jobs = new Map<string, QueuedJob>();
  readonly channel: string;
  #timeline: Timeline;
  #chance: Chance;
  #lockMs: number;
  #listeners: (() => void)[] = [];

  constructor(channel: string, timeline: Timeline, chance: Chance, lockMs: number) {
    this.channel = channel;
    this.#timeline = timeline;
    this.#chance = chance;
    this.#lockMs = lockMs;
  }

  /** Calls once, when a job begins to wait. */
  onceWaiting(hear: () => void): void {
    this.#listeners.push(hear);
  }

  /** Adding a job that is there, in whatever state, adds nothing. */
  add(id: string, data: GenerationJob): void {
    if (this.jobs.has(id)) return;
    const lock = { token: '', lockedUntil: Number.NEGATIVE_INFINITY };
    this.jobs.set(id, { id, data, state: 'waiting', ...lock, starts: 0, stalls: 0, dueAt: 0 });
    this.#announce();
  }

  remove(id: string): void {
    if (this.jobs.get(id)?.state !== 'active') this.jobs.delete(id);
  }

  fetch(token: string): Fetched | undefined {
    const due = [...this.jobs.values()].filter(
      (job) => job.state === 'waiting' || (job.state === 'delayed' && job.dueAt <= this.#timeline.now),
    );
    const job = due[this.#chance.below(due.length)];
    if (!job) return undefined;
    Object.assign(job, { state: 'active', token, lockedUntil: this.#timeline.now + this.#lockMs });
    job.starts++;
    return { id: job.id, data: job.data, token, mark: markOf(job) };
  }

  renew({ id, token, mark }: Pick<Fetched, 'id' | 'token' | 'mark'>): 'renewed' | 'lost' {
    const job = this.jobs.get(id);
    if (!job) return 'lost';
    const holder = job.lockedUntil > this.#timeline.now ? job.token : undefined;
    if (holder === undefined ? markOf(job) !== mark : holder !== token) return 'lost';
    // As the script does, also for a job that is active no more: the lock alone is set.
    Object.assign(job, { token, lockedUntil: this.#timeline.now + this.#lockMs });
    return 'renewed';
  }

  /** Active jobs whose lock is gone go back to waiting. */
  takeBackStalled(): number {
    let stalled = 0;
    for (const job of this.jobs.values()) {
      if (job.state !== 'active' || job.lockedUntil > this.#timeline.now) continue;
      job.state = 'waiting';
      job.stalls++;
      stalled++;
    }
    if (stalled > 0) this.#announce();
    return stalled;
  }

  /** Whether the caller still holds the job, and so what it says of it was done. */
  settle(id: string, token: string, next: 'waiting' | 'delayed' | 'completed'): boolean {
    const job = this.jobs.get(id);
    if (job?.state !== 'active' || job.token !== token || job.lockedUntil <= this.#timeline.now) return false;
    Object.assign(job, { state: next, lockedUntil: Number.NEGATIVE_INFINITY, dueAt: this.#timeline.now + backoffMs });
    if (next === 'waiting') this.#announce();
    if (next === 'delayed') this.#timeline.after(backoffMs, () => this.#announce());
    return true;
  }

  dropLock(id: string): void {
    const job = this.jobs.get(id);
    if (job) job.lockedUntil = Number.NEGATIVE_INFINITY;
  }

  #announce(): void {
    for (const hear of this.#listeners.splice(0)) hear();
  }
}

const markOf = ({ starts, stalls }: QueuedJob) => `${starts}/${stalls}`;
