import { type ChangeAnswer, changePart, type HeldPart, type PartChange } from './changePart.ts';
import { type Claim, claimPart } from './claimPart.ts';
import type { TaskId } from './ids.ts';
import { keepTask } from './keepTask.ts';
import { readFence, readHash } from './readTask.ts';
import type { Records } from './records.ts';
import { releasePart } from './releasePart.ts';
import type { TransitionName } from './transitions.ts';

/** All that a worker does to records: what a simulation must imitate to run a worker's code without Redis. */
export type PartStore = {
  claim(id: TaskId, part: number, channel?: string): Promise<Claim>;
  change(held: HeldPart, name: TransitionName, change: PartChange): Promise<ChangeAnswer>;
  release(held: HeldPart): Promise<'released' | 'missing' | 'stale_fence'>;
  /** the fence under which a part is held now, or undefined when there is no such task */
  fenceOf(id: TaskId, part: number): Promise<number | undefined>;
  /** the record as it stands; empty when there is no such task */
  hashOf(id: TaskId): Promise<Record<string, string>>;
  /** notes that a finished task's manifest is stored */
  keep(id: TaskId): Promise<'kept' | 'missing'>;
};

/** The parts as Redis keeps them. Every method throws only when Redis does not answer, or a record is broken. */
export const partStore = (records: Records): PartStore => ({
  claim: (id, part, channel) => claimPart(records, id, part, channel),
  change: (held, name, change) => changePart(records, held, name, change),
  release: (held) => releasePart(records, held),
  fenceOf: (id, part) => readFence(records, id, part),
  hashOf: (id) => readHash(records, id),
  keep: (id) => keepTask(records, id),
});
