import { isFinalState, isFinalStatus, parseRecord, type TaskId, type TaskRecord } from '@darkroom/shared/tasks';
import { holds, type Objects } from './objectsModel.ts';
import type { Terms } from './plan.ts';
import type { QueueModel } from './queueModel.ts';
import type { SimWorker } from './simWorker.ts';
import { type Accepted, attemptOf } from './upstreamModel.ts';
import type { WatchedRecords } from './watchedRecords.ts';

/** A post may leave so long after the last look at its fence (design, section 3), ms. */
const windowMs = 1000;

/** What must hold whatever goes wrong, beyond the single write of a record. */
export class Checks {
  readonly broken: string[] = [];
  #records: WatchedRecords;
  #terms: Terms;
  #now: () => number;
  #accepted: Accepted[] = [];

  constructor(records: (complain: (what: string) => void) => WatchedRecords, terms: Terms, now: () => number) {
    this.#records = records((what) => this.broken.push(what));
    this.#terms = terms;
    this.#now = now;
  }

  get records(): WatchedRecords {
    return this.#records;
  }

  /** The processor threw what is neither a stop nor a hand-back. */
  threw(error: unknown): void {
    this.broken.push(`the processor threw ${(error as Error).stack}`);
  }

  /** A job that ends while its part goes on leaves a part that nobody works on. */
  jobCompleted(queue: QueueModel, jobId: string): void {
    const { task_id, part } = queue.jobs.get(jobId)!.data;
    const record = this.#recordOf(task_id as TaskId);
    const state = record?.parts[part]?.state;
    const moved = record?.parts[part]?.channel !== undefined || record?.channel !== queue.channel;
    if (state && !isFinalState(state) && !moved) this.broken.push(`job ${jobId} was completed in ${state}`);
  }

  /** A POST is arriving: its sender's lease holds, and if somebody raised the fence since, then only a moment ago. */
  post(key: string, { process, fences, leases }: SimWorker, channel: string): void {
    const { task, part: index, attempt } = attemptOf(key);
    const record = this.#recordOf(task);
    const part = record?.parts[index];
    const own = fences.get(`${task}-${index}`);
    const rise = this.#records.riseOf(task, index);
    if (!record || !part || !rise) {
      this.broken.push(`${process.name} posted ${key}, of which there is no record`);
      return;
    }
    if (!leases.holds(`${task}-${index}`)) this.broken.push(`${process.name} posted ${key} without a lease`);
    if (own !== rise.fence) {
      const age = this.#now() - rise.at_ms;
      if (age >= windowMs) {
        this.broken.push(
          `${process.name} posted ${key} under ${own}, ${age} ms after a ${rise.by} made it ${rise.fence}`,
        );
      }
      return;
    }
    if (part.state !== 'submitting') this.broken.push(`${key} was posted in ${part.state}`);
    if (part.attempt !== attempt) this.broken.push(`${key} was posted while attempt ${part.attempt} was told`);
    if ((part.channel ?? record.channel) !== channel)
      this.broken.push(`${key} was posted in ${channel}, not its channel`);
  }

  /** The upstream has accepted: what may be paid for twice must be marked by now, and never happens under `fail`. */
  accepted(more: readonly Accepted[]): void {
    for (const one of more) {
      const before = this.#accepted.filter(({ task, part }) => task === one.task && part === one.part);
      this.#accepted.push(one);
      const same = before.filter(({ attempt }) => attempt === one.attempt);
      if (same.some(({ channel }) => channel !== one.channel)) this.broken.push(`${one.key} stands in two channels`);
      if (same.length > 0 && this.#terms.ambiguous_submit === 'fail') this.broken.push(`${one.key} was accepted twice`);
      const isPaid = ({ fate }: Accepted) => fate === 'succeed' || fate === 'forget';
      const mayBePaidTwice = same.length > 0 || before.some(isPaid);
      if (mayBePaidTwice && !this.#recordOf(one.task)?.possibly_duplicated) {
        this.broken.push(`${one.key} is accepted again and not marked`);
      }
    }
  }

  /** What must hold once everything has come to rest. */
  atRest(tasks: readonly TaskId[], objects: Objects): void {
    for (const id of tasks) {
      const record = this.#recordOf(id);
      if (!record || !isFinalStatus(record.status)) {
        this.broken.push(`${id} never ended: ${record?.parts.map(({ state }) => state)}`);
        continue;
      }
      this.#checkParts(record, objects);
    }
  }

  #checkParts(record: TaskRecord, objects: Objects): void {
    for (const [index, part] of record.parts.entries()) {
      const name = `${record.id}-${index}`;
      const images = part.images ?? [];
      if (part.state === 'succeeded' && images.length === 0) this.broken.push(`${name} succeeded without a picture`);
      const lost = images.filter((image) => !holds(objects, image));
      if (lost.length > 0 && part.state === 'succeeded') this.broken.push(`${lost[0]!.key} is not what was stored`);
      const attempts = this.#accepted.filter((one) => one.task === record.id && one.part === index);
      const told = new Set(attempts.map(({ attempt }) => attempt));
      if (told.size > part.attempt)
        this.broken.push(`${name} had ${told.size} attempts accepted, ${part.attempt} told`);
    }
    if (isFinalStatus(record.status) && record.status === 'succeeded' && record.progress !== 100) {
      this.broken.push(`${record.id} succeeded at ${record.progress}%`);
    }
  }

  #recordOf(id: TaskId): TaskRecord | undefined {
    return parseRecord(this.#records.model.hashOf(id));
  }
}
