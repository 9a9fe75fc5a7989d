import { Big } from 'big.js';
import type { TaskError } from '../errors/index.ts';
import { imagesOf, type Part, type TaskRecord } from './record.ts';
import { isFinalStatus, type TaskStatus } from './transitions.ts';

/** A task as every query shows it. Times are ISO 8601 UTC with ms, money is a decimal string. */
export type PublicTask = {
  task_id: string;
  status: TaskStatus;
  progress: `${number}%`;
  result_url: string | null;
  result_urls: string[];
  metadata: {
    task_type: 'text2image' | 'image2image';
    result_count: number;
    model: string;
    channel: string;
    attempts: number;
    possibly_duplicated: boolean;
    labels: Record<string, string>;
    cost: { estimated: string; actual: string | null; currency: string };
    timings: {
      created_at: string;
      submitted_at: string | null;
      finished_at: string | null;
      queued_ms: number | null;
      upstream_ms: number | null;
      total_ms: number | null;
    };
    images: { url: string; media_type: string; bytes: number; width: number; height: number; sha256: string }[];
  };
  error: TaskError | null;
};

/**
 * Shows a record to its owner.
 * @param urlOf  the signed URL of a stored object's key
 */
export function publicTask(task: TaskRecord, urlOf: (key: string) => string): PublicTask {
  const images = imagesOf(task).map(({ key, ...image }) => ({ url: urlOf(key), ...image }));
  const urls = images.map((image) => image.url);
  return {
    task_id: task.id,
    status: task.status,
    progress: `${task.progress}%`,
    result_url: urls[0] ?? null,
    result_urls: urls,
    metadata: {
      task_type: task.request.task_type,
      result_count: images.length,
      model: task.request.model,
      channel: task.channel,
      attempts: task.parts.reduce((sum, part) => sum + part.attempt, 0),
      possibly_duplicated: task.possibly_duplicated,
      labels: task.labels ?? {},
      cost: costOf(task, images.length),
      timings: timingsOf(task),
      images,
    },
    error: task.error ?? null,
  };
}

/**
 * What a task costs: estimated by the pictures asked for, actually by the pictures returned; null while it runs, and for
 * good where nobody can say what else of it the upstream charges. What was submitted twice is told by
 * `possibly_duplicated` instead.
 */
export function costOf(task: TaskRecord, returned: number) {
  const isKnown = isFinalStatus(task.status) && !task.parts.some(mayStillBeCharged);
  return {
    estimated: times(task.unit_price, task.request.n),
    actual: isKnown ? times(task.unit_price, returned) : null,
    currency: task.currency,
  };
}

/** A price times a count, exactly, with the price's decimals and at least four. */
export function times(price: string, count: number): string {
  return new Big(price).times(count).toFixed(Math.max(4, price.split('.')[1]?.length ?? 0));
}

/** Whether a part ended without its pictures although the upstream may make, or has made, what was ordered. */
function mayStillBeCharged({ state, attempt, upstream_task_id, unknowns, error }: Part): boolean {
  if (state === 'succeeded') return false;
  // A cancel tells no more than that it had been posted once.
  if (state === 'canceled') return attempt > 0;
  // Accepted: it is over only where the upstream said so itself, and then it charges nothing.
  if (upstream_task_id) return !error?.upstream;
  return unknowns > 0 || error?.code === 'submission_unknown';
}

function timingsOf(task: TaskRecord) {
  const { created_at_ms, submitted_at_ms, finished_at_ms } = task;
  const done = Math.max(...task.parts.map((part) => part.stored_at_ms ?? Number.NEGATIVE_INFINITY));
  const since = (later: number | undefined, earlier: number | undefined) =>
    later === undefined || earlier === undefined ? null : Math.max(0, later - earlier);
  return {
    created_at: iso(created_at_ms),
    submitted_at: submitted_at_ms === undefined ? null : iso(submitted_at_ms),
    finished_at: finished_at_ms === undefined ? null : iso(finished_at_ms),
    queued_ms: since(submitted_at_ms, created_at_ms),
    upstream_ms: Number.isFinite(done) ? since(done, submitted_at_ms) : null,
    total_ms: since(finished_at_ms, created_at_ms),
  };
}

const iso = (ms: number) => new Date(ms).toISOString();
