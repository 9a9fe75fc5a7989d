import type { TaskId } from '@darkroom/shared/tasks';
import type { QueryOutcome, Submission, SubmitOutcome } from '@darkroom/shared/upstream';
import { png } from '../world/pictures.ts';
import type { Chance } from './chance.ts';
import type { TaskFate, TaskPlan } from './plan.ts';

/** An upstream task. */
export type Accepted = {
  id: string;
  key: string;
  task: TaskId;
  part: number;
  attempt: number;
  channel: string;
  n: number;
  fate: TaskFate;
  ends_at: number;
};

/** The attempt that a submission key names. */
export function attemptOf(key: string): { task: TaskId; part: number; attempt: number } {
  const [task, part, attempt] = key.split('-');
  return { task: task as TaskId, part: Number(part), attempt: Number(attempt) };
}

const said = { status: 400, code: 'planned', message: 'as planned' };

/** An upstream in virtual time whose every misdeed is planned. With `idempotent` a key it knows gets the task it has. */
export class UpstreamModel {
  readonly accepted: Accepted[] = [];
  #now: () => number;
  #chance: Chance;
  #idempotent: boolean;
  #plans: ReadonlyMap<TaskId, TaskPlan>;
  #posts = new Map<TaskId, number>();

  constructor(now: () => number, chance: Chance, idempotent: boolean, plans: ReadonlyMap<TaskId, TaskPlan>) {
    this.#now = now;
    this.#chance = chance;
    this.#idempotent = idempotent;
    this.#plans = plans;
  }

  /** A POST has arrived whole. */
  arrive({ idempotency_key, n }: Submission, channel: string): SubmitOutcome {
    const { task } = attemptOf(idempotency_key);
    const count = this.#posts.get(task) ?? 0;
    this.#posts.set(task, count + 1);
    const fate = this.#plans.get(task)!.posts[count] ?? 'accept';
    switch (fate) {
      case 'accept':
        return { kind: 'accepted', upstream_task_id: this.#accept(idempotency_key, n, channel) };
      case 'accept_unheard':
        this.#accept(idempotency_key, n, channel);
        return { kind: 'unknown', why: 'the answer was lost' };
      case 'lost_unheard':
        return { kind: 'unknown', why: 'the post was lost' };
      case 'not_accepted':
        return { kind: 'not_accepted', why: 'no connection', said: null };
      case 'not_now':
        return { kind: 'not_now', retry_after_ms: this.#chance.below(4000), said };
      case 'refuse':
        return { kind: 'refused', code: 'upstream_refused', said };
      case 'shut':
        return { kind: 'refused_channel', said };
    }
  }

  query(id: string): QueryOutcome {
    const task = this.accepted.find((one) => one.id === id);
    if (!task || (task.fate === 'forget' && this.#chance.oneIn(2))) return { kind: 'not_found' };
    if (this.#chance.oneIn(8)) return { kind: 'unavailable', why: 'as it happens' };
    // What it tells of progress goes up and down.
    if (this.#now() < task.ends_at) return { kind: 'running', progress: this.#chance.below(100) };
    switch (task.fate) {
      case 'forget':
        return { kind: 'not_found' };
      case 'temporary':
      case 'content_policy':
      case 'request':
      case 'other':
        return { kind: 'failed', reason: task.fate, said };
      case 'empty':
        return { kind: 'succeeded', results: [] };
      default:
        return { kind: 'succeeded', results: this.#results(task) };
    }
  }

  /** The bytes behind a result's URL; every upstream task has its own. @returns undefined when there are none */
  pictureAt(url: string): Buffer | undefined {
    return url.startsWith('gone:') ? undefined : Buffer.concat([png, Buffer.from(url)]);
  }

  #results({ id, n, fate }: Accepted) {
    const count = fate === 'short' ? Math.max(1, n - 1) : n;
    return Array.from({ length: count }, (_, i) => ({ url: `${fate === 'url_gone' ? 'gone' : 'sim'}:${id}/${i}` }));
  }

  #accept(key: string, n: number, channel: string): string {
    const known = this.#idempotent && this.accepted.find((one) => one.key === key);
    if (known) return known.id;
    const at = attemptOf(key);
    const before = this.accepted.filter((one) => one.task === at.task).length;
    const fate = this.#plans.get(at.task)!.fates[before] ?? 'succeed';
    const ends_at = this.#now() + 300 + this.#chance.draw() * 12_000;
    const id = `up-${this.accepted.length}`;
    this.accepted.push({ id, key, ...at, channel, n, fate, ends_at });
    return id;
  }
}
