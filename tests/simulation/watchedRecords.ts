import {
  type HeldPart,
  isFinalState,
  isFinalStatus,
  type NewTask,
  type PartChange,
  type PartState,
  type TaskId,
  type TaskStatus,
  type TransitionName,
  transitions,
} from '@darkroom/shared/tasks';
import type { RecordModel } from './recordModel.ts';

type Hash = Record<string, string>;

/** The last rise of a part's fence. */
export type Rise = { fence: number; at_ms: number; by: 'claim' | 'cancel' };

const rank: Record<TaskStatus, number> = { queued: 0, in_progress: 1, succeeded: 2, failed: 2, canceled: 2 };

/** The record scripts with somebody watching: whatever must hold of every single write is checked as it is made. */
export class WatchedRecords {
  readonly model: RecordModel;
  #now: () => number;
  #complain: (what: string) => void;
  #rises = new Map<string, Rise>();

  constructor(model: RecordModel, now: () => number, complain: (what: string) => void) {
    this.model = model;
    this.#now = now;
    this.#complain = complain;
  }

  create(task: NewTask) {
    return this.model.create(task, Number.POSITIVE_INFINITY, this.#now());
  }

  claim(id: TaskId, part: number, channel?: string) {
    return this.#watched(id, () => {
      const claim = this.model.claim(id, part, this.#now_us(), channel);
      if (claim.word === 'claimed') this.#risen(id, part, 'claim');
      return claim;
    });
  }

  change(held: HeldPart, name: TransitionName, change: PartChange) {
    const state = this.#stateOf(held.id, held.part);
    return this.#watched(held.id, () => {
      const answer = this.model.change(held, name, change);
      if (answer.word !== 'changed') return answer;
      const { id, part, fence } = held;
      const latest = this.#rises.get(`${id}/${part}`)?.fence ?? 0;
      if (fence !== latest)
        this.#complain(`${name} was written under fence ${fence} although ${latest} holds ${id}/${part}`);
      const { from, to } = transitions[name];
      const isLegal = (from as readonly PartState[]).includes(state!) && this.#stateOf(id, part) === to;
      if (!isLegal) this.#complain(`${name} took ${id}/${part} from ${state} to ${this.#stateOf(id, part)}`);
      return answer;
    });
  }

  release(held: HeldPart) {
    return this.#watched(held.id, () => this.model.release(held));
  }

  cancel(id: TaskId, keyId: string) {
    const open = this.#parts(id).filter((part) => !isFinalState(this.#stateOf(id, part)!));
    return this.#watched(id, () => {
      const word = this.model.cancel(id, keyId, this.#now(), this.#now_us());
      if (word === 'canceled') for (const part of open) this.#risen(id, part, 'cancel');
      return word;
    });
  }

  keep(id: TaskId) {
    return this.#watched(id, () => this.model.keep(id));
  }

  /** How the fence of a part came to be what it is. */
  riseOf(id: TaskId, part: number): Rise | undefined {
    return this.#rises.get(`${id}/${part}`);
  }

  #risen(id: TaskId, part: number, by: Rise['by']): void {
    const before = this.#rises.get(`${id}/${part}`)?.fence ?? 0;
    const fence = this.model.fenceOf(id, part) ?? 0;
    if (fence <= before) this.#complain(`a ${by} took the fence of ${id}/${part} from ${before} to ${fence}`);
    this.#rises.set(`${id}/${part}`, { fence, at_ms: this.#now(), by });
  }

  #watched<T>(id: TaskId, write: () => T): T {
    const before = this.model.hashOf(id);
    const endsBefore = this.model.ends.length;
    const answer = write();
    const after = this.model.hashes.get(id);
    if (after) this.#check(id, before, after, this.model.ends.length - endsBefore);
    return answer;
  }

  #check(id: TaskId, before: Hash, after: Hash, ends: number): void {
    const [was, is] = [before.status as TaskStatus, after.status as TaskStatus];
    if (rank[is] < rank[was]) this.#complain(`${id} went from ${was} back to ${is}`);
    if (Number(after.progress ?? 0) < Number(before.progress ?? 0)) this.#complain(`the progress of ${id} fell`);
    if (before.possibly_duplicated === '1' && after.possibly_duplicated !== '1') this.#complain(`${id} lost its mark`);
    if (isFinalStatus(was)) this.#expectSame(id, before, after, '');
    for (const part of this.#parts(id)) {
      if (isFinalState(before[`p${part}.state`] as PartState)) this.#expectSame(id, before, after, `p${part}.`);
    }
    const isOver = this.#parts(id).every((part) => isFinalState(after[`p${part}.state`] as PartState));
    if (isOver !== isFinalStatus(is)) this.#complain(`${id} is ${is} although its parts say otherwise`);
    if (ends !== Number(isOver && !isFinalStatus(was))) this.#complain(`the end of ${id} was told ${ends} times`);
    const { open, done, kept } = this.model;
    const isListed = Number(open.has(id)) + Number(done.has(id)) + Number(kept.has(id)) === 1;
    if (open.has(id) === isOver || !isListed) this.#complain(`${id} is ${is} but listed wrongly`);
  }

  #expectSame(id: TaskId, before: Hash, after: Hash, prefix: string): void {
    for (const field of Object.keys(after)) {
      if (field.startsWith(prefix) && before[field] !== after[field]) {
        this.#complain(`${field} of ${id} changed after its end from ${before[field]} to ${after[field]}`);
      }
    }
  }

  #now_us = () => Math.floor(this.#now() * 1000);

  #stateOf = (id: TaskId, part: number) => this.model.hashes.get(id)?.[`p${part}.state`] as PartState | undefined;

  #parts = (id: TaskId) => Array.from({ length: Number(this.model.hashes.get(id)?.parts ?? 0) }, (_, part) => part);
}
