import type { Behaviour } from '../behaviour/directives.ts';
import type { Order } from '../protocol/order.ts';
import { digestOf, lognormal, seededRandom, seedOf } from '../random.ts';

/** Where a task is; how these are worded on the wire is `status_words`. */
export type Phase = 'queued' | 'running' | 'succeeded' | 'failed' | 'canceled';

export type Failure = { code: string; message: string };

/** A task the upstream accepted. Times are ms of the simulator's clock. */
export type UpstreamTask = {
  id: string;
  keyIndex: number;
  idempotencyKey: string | null;
  /** As submitted, directives included: what gates, filters and counts match on. */
  prompt: string;
  order: Order;
  /** What this task's own directives said; the global behaviour stands under it. */
  own: Partial<Behaviour>;
  createdAt: number;
  durationMs: number;
  failure: Failure | null;
  /** The reference images, small, once they are there; the pictures are drawn from them. */
  references: Buffer[] | 'loading';
  canceledAt: number | null;
  cancels: number;
  polls: number;
  downloads: number;
  /** Downloads of each picture, by index. */
  downloadsByIndex: number[];
  /** Whether the last answer said running: `poll=backwards` then takes it back. */
  shownRunning: boolean;
  /** When a query was first told that the task has succeeded. */
  toldAt: number | null;
};

export type TaskStart = {
  keyIndex: number;
  idempotencyKey: string | null;
  prompt: string;
  order: Order;
  own: Partial<Behaviour>;
  behaviour: Behaviour;
  seed: number;
  /** How many tasks this prompt has made, this one included. */
  generation: number;
  now: number;
};

/** Makes a task. Its id and duration depend on seed, prompt and generation only, not on what else arrives meanwhile. */
export function startTask(start: TaskStart): UpstreamTask {
  const { behaviour, order, generation } = start;
  const digest = digestOf(start.seed, generation, start.prompt);
  const failing = behaviour.fail !== 'none' && (behaviour.fail_times === 0 || generation <= behaviour.fail_times);
  return {
    id: `ut_${digest.slice(0, 24)}`,
    keyIndex: start.keyIndex,
    idempotencyKey: start.idempotencyKey,
    prompt: start.prompt,
    order,
    own: start.own,
    createdAt: start.now,
    durationMs: drawDuration(behaviour.duration, seedOf(digest)),
    failure: failing ? { code: behaviour.fail, message: failureMessage(behaviour.fail) } : null,
    references: order.references.length > 0 ? 'loading' : [],
    canceledAt: null,
    cancels: 0,
    polls: 0,
    downloads: 0,
    downloadsByIndex: [],
    shownRunning: false,
    toldAt: null,
  };
}

function drawDuration(duration: Behaviour['duration'], seed: number): number {
  if (typeof duration === 'number') return duration;
  const [kind, first, sigma] = duration.split(':');
  if (kind === 'fixed') return Number(first);
  return Math.round(lognormal(seededRandom(seed), Number(first), Number(sigma)));
}

function failureMessage(code: string): string {
  const messages: Record<string, string> = {
    content_policy: 'the prompt or an image was rejected by the content policy',
    invalid_input: 'an input cannot be used',
    internal_error: 'the generation failed for an internal reason',
    overloaded: 'the model is overloaded, try again later',
    timeout: 'the generation took too long',
  };
  return messages[code] ?? `the generation failed: ${code}`;
}

/** A task is queued for the first tenth of its time. */
const queuedShare = 0.1;

/** Where a task is, and how far: `share` from 0 to 1 of its time. */
export type Place = { phase: Phase; share: number };

export function phaseAt(task: UpstreamTask, now: number): Place {
  const elapsed = now - task.createdAt;
  const share = task.durationMs === 0 ? 1 : Math.max(0, Math.min(1, elapsed / task.durationMs));
  if (task.canceledAt !== null) return { phase: 'canceled', share };
  if (share < queuedShare) return { phase: 'queued', share };
  // A task whose time is over still waits for its reference images.
  if (share < 1 || task.references === 'loading') return { phase: 'running', share };
  return { phase: task.failure ? 'failed' : 'succeeded', share };
}
