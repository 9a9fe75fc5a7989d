import { taskError } from '@darkroom/shared/errors';
import {
  type ChangeAnswer,
  type Claim,
  type HeldPart,
  isFinalState,
  isFinalStatus,
  type NewTask,
  type PartChange,
  type PartState,
  parseRecord,
  recordVersion,
  type TaskId,
  type TaskStatus,
  type TransitionName,
  transitions,
} from '@darkroom/shared/tasks';

type Hash = Record<string, string>;

/**
 * The scripts on records, as they read in TypeScript: the same words, the same fields, no Redis. `recordModel.test.ts`
 * holds it equal to the Lua by running the same commands against both.
 */
export class RecordModel {
  readonly hashes = new Map<TaskId, Hash>();
  /** ids of unfinished tasks, with the time of their last change */
  readonly open = new Map<TaskId, number>();
  /** ids of finished tasks whose manifest is not known to be stored, and of those whose is; with the time of their end */
  readonly done = new Map<TaskId, number>();
  readonly kept = new Map<TaskId, number>();
  /** what was listed as possibly paid for twice (JSON), with the time of its mark */
  readonly duplicates = new Map<string, number>();
  /** what was published at the tasks' ends */
  readonly ends: string[] = [];

  create(task: NewTask, late_after_ms: number, redis_now_ms: number): 'created' | 'repeated' | 'clash' | 'late' {
    const stands = this.hashes.get(task.id);
    if (stands) return stands.fingerprint === task.fingerprint ? 'repeated' : 'clash';
    if (redis_now_ms > late_after_ms) return 'late';
    const { part_sizes, labels, ...rest } = task;
    const hash: Hash = {};
    write(hash, '', { v: recordVersion, ...rest, status: 'queued', parts: part_sizes.length });
    if (Object.keys(labels).length > 0) write(hash, '', { labels });
    for (const [part, n] of part_sizes.entries()) write(hash, `p${part}.`, { state: 'queued', n });
    this.hashes.set(task.id, hash);
    this.open.set(task.id, task.created_at_ms);
    return 'created';
  }

  /** @param redis_us  Redis' clock, μs since the epoch */
  claim(id: TaskId, part: number, redis_us: number, channel = ''): Claim {
    const hash = this.hashes.get(id);
    const state = hash?.[`p${part}.state`];
    if (!hash || !state) return { word: 'missing' };
    const lives = hash[`p${part}.channel`] ?? hash.channel;
    let word: 'claimed' | 'final' | 'elsewhere' = isFinalState(state as PartState) ? 'final' : 'claimed';
    if (channel !== '' && channel !== lives) word = 'elsewhere';
    if (word === 'claimed') {
      raiseFence(hash, part, redis_us);
      hash[`p${part}.starts`] = String(Number(hash[`p${part}.starts`] ?? 0) + 1);
    }
    return { word, task: parseRecord(hash)! };
  }

  change({ id, part, fence }: HeldPart, name: TransitionName, change: PartChange): ChangeAnswer {
    const hash = this.hashes.get(id);
    const state = hash?.[`p${part}.state`] as PartState | undefined;
    if (!hash || !state) return { word: 'missing' };
    if (fence !== Number(hash[`p${part}.fence`] ?? 0)) return { word: 'stale_fence' };
    const { from, to } = transitions[name];
    const mayLeave = (from as readonly PartState[]).includes(state) && (change.only?.includes(state) ?? true);
    if (!mayLeave) return { word: 'not_allowed' };
    write(hash, `p${part}.`, { state: to, ...change.part });
    write(hash, '', change.task ?? {});
    const duplicate = change.duplicate && JSON.stringify(change.duplicate);
    if (duplicate && !this.duplicates.has(duplicate)) this.duplicates.set(duplicate, change.now_ms);
    if (change.note) remember(hash, `${change.now_ms} ${part} ${to} ${change.note}`);
    return { word: 'changed', status: this.#settle(id, hash, change.now_ms) };
  }

  release({ id, part, fence }: HeldPart): 'released' | 'missing' | 'stale_fence' {
    const hash = this.hashes.get(id);
    const held = hash?.[`p${part}.fence`];
    if (!hash || held === undefined) return 'missing';
    if (held !== String(fence)) return 'stale_fence';
    hash[`p${part}.starts`] = '0';
    return 'released';
  }

  /** @param redis_us  Redis' clock, μs since the epoch */
  cancel(id: TaskId, keyId: string, now_ms: number, redis_us: number): 'canceled' | 'finished' | 'missing' {
    const hash = this.hashes.get(id);
    if (!hash || hash.key_id !== keyId) return 'missing';
    if (isFinalStatus(hash.status as TaskStatus)) return 'finished';
    const parts = partsOf(hash);
    const hasFlown = parts.some((part) => (hash[`p${part}.attempt`] ?? '0') !== '0');
    for (const part of parts) {
      if (isFinalState(hash[`p${part}.state`] as PartState)) continue;
      raiseFence(hash, part, redis_us);
      write(hash, `p${part}.`, { state: 'canceled', error: hasFlown ? flyingError : queuedError });
    }
    remember(hash, `${now_ms} - canceled by the client`);
    this.#settle(id, hash, now_ms);
    return 'canceled';
  }

  keep(id: TaskId): 'kept' | 'missing' {
    const finished = this.hashes.get(id)?.finished_at_ms;
    if (finished === undefined) return 'missing';
    this.done.delete(id);
    this.kept.set(id, Number(finished));
    return 'kept';
  }

  fenceOf(id: TaskId, part: number): number | undefined {
    const fence = this.hashes.get(id)?.[`p${part}.fence`];
    return fence === undefined ? undefined : Number(fence);
  }

  hashOf(id: TaskId): Hash {
    return { ...this.hashes.get(id) };
  }

  /** The task's status follows from its parts; at its end it leaves `open`, enters `done`, and is told. */
  #settle(id: TaskId, hash: Hash, now_ms: number): TaskStatus {
    const states = partsOf(hash).map((part) => hash[`p${part}.state`] as PartState);
    const reached = Math.max(Number(hash.progress ?? 0), Math.min(99, meanProgress(hash)));
    if (!states.every(isFinalState)) {
      const started = states.some((state) => state === 'running' || state === 'storing' || state === 'succeeded');
      write(hash, '', { status: started ? 'in_progress' : hash.status, progress: reached });
      this.open.set(id, now_ms);
      return hash.status as TaskStatus;
    }
    const status = states.includes('canceled') ? 'canceled' : states.includes('succeeded') ? 'succeeded' : 'failed';
    write(hash, '', { status, progress: status === 'succeeded' ? 100 : reached, finished_at_ms: now_ms });
    const error = status === 'succeeded' ? undefined : errorToTell(hash);
    if (error !== undefined) hash.error = error;
    this.open.delete(id);
    this.done.set(id, now_ms);
    this.ends.push(`${id} ${status}`);
    return status;
  }
}

const queuedError = taskError('canceled', 'Canceled before it was submitted; nothing was charged.');
const flyingError = taskError(
  'canceled',
  'Canceled while it was in flight: the upstream may have accepted it and may still charge for it.',
);

const partsOf = (hash: Hash) => Array.from({ length: Number(hash.parts) }, (_, part) => part);

function meanProgress(hash: Hash): number {
  const each = partsOf(hash).map((part) =>
    hash[`p${part}.state`] === 'succeeded' ? 100 : Number(hash[`p${part}.progress`] ?? 0),
  );
  return Math.floor(each.reduce((sum, progress) => sum + progress, 0) / each.length);
}

/** Of a canceled task the cancel, of any other what went wrong first. */
function errorToTell(hash: Hash): string | undefined {
  const canceled = partsOf(hash).find((part) => hash[`p${part}.state`] === 'canceled');
  const told = canceled === undefined ? undefined : hash[`p${canceled}.error`];
  return told ?? partsOf(hash).flatMap((part) => hash[`p${part}.error`] ?? [])[0];
}

function write(hash: Hash, prefix: string, fields: object): void {
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (typeof value === 'boolean') hash[prefix + field] = value ? '1' : '0';
    else hash[prefix + field] = typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
}

function raiseFence(hash: Hash, part: number, redis_us: number): void {
  const field = `p${part}.fence`;
  hash[field] = String(Math.max(Number(hash[field] ?? 0) + 1, redis_us));
}

/** A line of the history; past 2048 bytes the oldest lines go, so that 1536 bytes or less are left. */
function remember(hash: Hash, line: string): void {
  let history = Buffer.from(`${hash.history ?? ''}${line}\n`);
  if (history.length > 2048) {
    history = history.subarray(history.length - 1536);
    history = history.subarray(history.indexOf('\n') + 1);
  }
  hash.history = history.toString();
}
