import type { Catalogue, Channel } from '@darkroom/shared/channels';
import {
  channelOf,
  isFinalState,
  jobIdOf,
  type NewTask,
  parseRecord,
  type TaskId,
  taskIdFor,
} from '@darkroom/shared/tasks';
import { Chance } from './chance.ts';
import { Checks } from './checks.ts';
import { GateModel } from './gateModel.ts';
import type { Objects } from './objectsModel.ts';
import type { Plan, TaskPlan, Terms } from './plan.ts';
import { QueueModel } from './queueModel.ts';
import { RecordModel } from './recordModel.ts';
import { SimProcess } from './simProcess.ts';
import { SimWorker } from './simWorker.ts';
import { Timeline } from './timeline.ts';
import { UpstreamModel } from './upstreamModel.ts';
import { WatchedRecords } from './watchedRecords.ts';

/** A lock's life and the interval of the stalled check, ms, as they are by default. */
export const lockMs = 10_000;
const stalledCheckMs = 3000;

export const start_ms = Date.UTC(2026, 0, 1);
const keyId = 'k_0123456789abcdef';
const workerCount = 2;

const channelNames = ['a', 'b'] as const;
const taskIds = Array.from({ length: 8 }, (_, i) => taskIdFor(keyId, `task ${i}`));

/** Two channels, two or more workers, an upstream, and the tasks of a plan; nothing happens yet. */
export class World {
  readonly chance: Chance;
  readonly timeline: Timeline;
  readonly catalogue: Catalogue;
  readonly queues: ReadonlyMap<string, QueueModel>;
  readonly gates: ReadonlyMap<string, GateModel>;
  readonly upstream: UpstreamModel;
  readonly checks: Checks;
  readonly objects: Objects = new Map();
  readonly orphans = new Set<string>();
  readonly story: string[] = [];
  readonly tasks = new Map<TaskId, TaskPlan>();
  workers: SimWorker[] = [];
  #started = 0;
  #resend = false;

  constructor(plan: Plan, terms: Terms) {
    this.chance = new Chance(plan.seed);
    this.timeline = new Timeline(start_ms, this.chance);
    const now = () => this.timeline.now;
    this.catalogue = { currency: 'USD', channels: channelNames.map((id) => channelNamed(id, terms)) };
    this.queues = new Map(channelNames.map((id) => [id, new QueueModel(id, this.timeline, this.chance, lockMs)]));
    this.gates = new Map(channelNames.map((id) => [id, new GateModel(now)]));
    for (const [i, task] of plan.tasks.entries()) this.tasks.set(taskIds[i]!, task);
    this.upstream = new UpstreamModel(now, this.chance, terms.idempotent, this.tasks);
    this.checks = new Checks((complain) => new WatchedRecords(new RecordModel(), now, complain), terms, now);
    for (let i = 0; i < workerCount; i++) this.startWorker();
    for (const [id, task] of this.tasks) this.timeline.after(task.at_ms, () => this.#create(id, task));
    this.#checkStalled();
  }

  get records(): WatchedRecords {
    return this.checks.records;
  }

  tell = (who: string, what: string): void => {
    this.story.push(`${((this.timeline.now - start_ms) / 1000).toFixed(3)} ${who} ${what}`);
  };

  startWorker(): void {
    const takeResend = () => {
      const taken = this.#resend;
      this.#resend = false;
      return taken;
    };
    const process = new SimProcess(`w${++this.#started}`, this.timeline, this.chance, this.tell, takeResend);
    this.workers.push(new SimWorker(process, this));
  }

  resendNext(): void {
    this.#resend = true;
  }

  /** Puts another worker in the place of those that are gone, after a while. */
  replaceGone(): void {
    const gone = this.workers.filter((worker) => !worker.isUsable);
    this.workers = this.workers.filter((worker) => worker.isUsable);
    for (const _ of gone) this.timeline.after(500 + this.chance.draw() * 5000, () => this.startWorker());
  }

  addJob(channel: string, id: TaskId, part: number): void {
    const n = this.tasks.get(id)!.part_sizes[part]!;
    this.queues.get(channel)!.add(jobIdOf(id, part), { v: 1, task_id: id, part, model: 'NanoBanana', n });
  }

  /** A client cancels: the record first, then waiting jobs leave the queue and workers are told, as far as they hear it. */
  cancel(id: TaskId): void {
    const word = this.records.cancel(id, keyId);
    this.tell('client', `cancel ${id.slice(5, 9)}: ${word}`);
    if (word !== 'canceled') return;
    for (const part of this.tasks.get(id)!.part_sizes.keys()) {
      for (const queue of this.queues.values()) queue.remove(jobIdOf(id, part));
      for (const worker of this.workers) {
        const hear = () => worker.hearCancel(jobIdOf(id, part));
        if (!this.chance.oneIn(3)) this.timeline.after(this.chance.latency(), hear, worker.process);
      }
    }
  }

  /** Upkeep: jobs for unfinished parts that have none, and an end for those that wait past their deadline. */
  sweep(): void {
    for (const id of this.records.model.open.keys()) {
      const record = parseRecord(this.records.model.hashOf(id))!;
      for (const [index, part] of record.parts.entries()) {
        if (isFinalState(part.state)) continue;
        const channel = channelOf(record, part);
        const queue = this.queues.get(channel)!;
        const job = queue.jobs.get(jobIdOf(id, index));
        if (job?.state === 'completed') queue.remove(job.id);
        if (!job || job.state === 'completed') this.addJob(channel, id, index);
        const isLate = this.timeline.now > record.deadline_at_ms;
        if (isLate && part.state === 'queued' && job?.state !== 'active') this.#expire(id, index, part.fence);
      }
    }
  }

  /** Whether every task has ended, no job is left, and nobody works on anything any more. */
  isAtRest(): boolean {
    const { open, hashes } = this.records.model;
    if (open.size > 0 || hashes.size < this.tasks.size || this.workers.some((worker) => worker.isBusy)) return false;
    return [...this.queues.values()].every((queue) =>
      [...queue.jobs.values()].every(({ state }) => state === 'completed'),
    );
  }

  #create(id: TaskId, task: TaskPlan): void {
    this.records.create(orderOf(id, task, this.timeline.now));
    this.tell('client', `create ${id.slice(5, 9)}`);
    if (task.without_job) return;
    const add = () => {
      for (const part of task.part_sizes.keys()) this.addJob('a', id, part);
    };
    this.timeline.after(this.chance.latency(), add);
  }

  // It looked before it wrote, as the sweep does; a worker may have claimed the part in between.
  #expire(id: TaskId, part: number, fence: number): void {
    const write = () => {
      const now_ms = this.timeline.now;
      const answer = this.records.change({ id, part, fence }, 'expire', { now_ms, only: ['queued'] });
      this.tell('sweep', `expire ${id.slice(5, 9)}/${part}: ${answer.word}`);
      if (answer.word === 'changed') for (const queue of this.queues.values()) queue.remove(jobIdOf(id, part));
    };
    this.timeline.after(this.chance.latency(), write);
  }

  #checkStalled(): void {
    const check = () => {
      const checkers = this.workers.filter(({ process }) => process.alive && process.frozenUntil <= this.timeline.now);
      if (checkers.length > 0) for (const queue of this.queues.values()) queue.takeBackStalled();
      this.timeline.after(stalledCheckMs, check);
    };
    this.timeline.after(stalledCheckMs, check);
  }
}

const channelNamed = (id: string, { ambiguous_submit }: Terms): Channel => {
  const offer = { price: '0.0390', max_n: 4, images_per_submission: 2, enabled: true };
  return {
    id,
    kind: 'nano-tasks',
    base_url: 'https://upstream.example',
    api_key_env: 'UPSTREAM_API_KEY',
    weight: 1,
    max_in_flight: 100,
    submits_per_minute: 0,
    ambiguous_submit,
    inputs: 'url',
    models: (['accept', 'top_up'] as const).map((when_short) => ({ ...offer, id: when_short, when_short })),
  };
};

function orderOf(id: TaskId, { part_sizes, when_short, deadline_ms }: TaskPlan, now_ms: number): NewTask {
  const n = part_sizes.reduce((sum, size) => sum + size, 0);
  const request = { model: when_short, prompt: 'a pear', task_type: 'text2image' as const, inputs: [], n };
  return {
    id,
    key_id: keyId,
    channel: 'a',
    fingerprint: 'f'.repeat(64),
    request: { ...request, aspect_ratio: null, output_format: null },
    labels: {},
    priority: 'interactive',
    unit_price: '0.0390',
    currency: 'USD',
    part_sizes,
    created_at_ms: now_ms,
    deadline_at_ms: now_ms + deadline_ms,
  };
}
