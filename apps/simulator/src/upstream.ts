import type { Behaviour } from './behaviour/directives.ts';
import type { Gallery } from './pictures/gallery.ts';
import type { Model } from './protocol/models.ts';
import type { Gates } from './records/gates.ts';
import type { Ledger, Submission } from './records/ledger.ts';
import type { UpstreamTask } from './records/upstreamTask.ts';

/** Everything the routes of one simulator share. */
export type Upstream = {
  seed: number;
  now: () => number;
  /** API key to its index: the index is what is recorded, never the key. */
  keys: ReadonlyMap<string, number>;
  models: ReadonlyMap<string, Model>;
  supportsCancel: boolean;
  maxBodyBytes: number;
  ledger: Ledger;
  gates: Gates;
  gallery: Gallery;
  /** The global behaviour with one task's or one request's own on top. */
  behaviourOf: (own: Partial<Behaviour>) => Behaviour;
  set: (behaviour: Partial<Behaviour>) => void;
  /** Told of every submission once its answer is sent, or decided not to be. */
  answered: (submission: Submission) => void;
  /** Told of a defect of the simulator itself. */
  broken: (error: unknown) => void;
};

/** @returns the index of the API key that the header carries, or undefined */
export function keyIndexOf(upstream: Upstream, authorization: string | undefined): number | undefined {
  if (!authorization?.startsWith('Bearer ')) return undefined;
  return upstream.keys.get(authorization.slice('Bearer '.length));
}

/** @returns the task, if it exists and belongs to this key */
export function taskOf(upstream: Upstream, id: string, keyIndex: number): UpstreamTask | undefined {
  const task = upstream.ledger.tasks.get(id);
  return task?.keyIndex === keyIndex ? task : undefined;
}
