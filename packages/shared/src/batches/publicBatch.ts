import type { Batch } from './batchRecord.ts';
import { hasEnded, moneyOf } from './batchRecord.ts';

const seconds = (ms: number | undefined) => (ms === undefined ? null : Math.floor(ms / 1000));

/**
 * A batch as OpenAI shows it; what is ours stands under `darkroom`. Times are Unix seconds, money is a decimal string.
 * @param now_ms  ms since the epoch, for rate and time left
 */
export function publicBatch(batch: Batch, now_ms: number) {
  return {
    id: batch.id,
    object: 'batch' as const,
    endpoint: batch.endpoint,
    errors: batch.errors ? { object: 'list' as const, data: batch.errors } : null,
    input_file_id: batch.input_file_id,
    completion_window: batch.completion_window,
    status: batch.status,
    output_file_id: batch.output_file_id ?? null,
    error_file_id: batch.error_file_id ?? null,
    created_at: seconds(batch.created_at_ms),
    in_progress_at: seconds(batch.in_progress_at_ms),
    expires_at: seconds(batch.expires_at_ms),
    finalizing_at: seconds(batch.finalizing_at_ms),
    completed_at: seconds(batch.completed_at_ms),
    failed_at: seconds(batch.failed_at_ms),
    expired_at: seconds(batch.expired_at_ms),
    cancelling_at: seconds(batch.cancelling_at_ms),
    cancelled_at: seconds(batch.cancelled_at_ms),
    request_counts: { total: batch.total, completed: batch.completed, failed: batch.failed },
    metadata: batch.metadata ?? null,
    darkroom: {
      cost: moneyOf(batch.spent),
      currency: batch.currency,
      max_cost: batch.max_cost ?? null,
      images: batch.images,
      ...paceOf(batch, now_ms),
      priority: batch.priority,
      concurrency: batch.concurrency ?? null,
      not_before: batch.not_before_ms === undefined ? null : new Date(batch.not_before_ms).toISOString(),
      run_window: batch.run_window ?? null,
      parent_id: batch.parent_id ?? null,
    },
  };
}

export type PublicBatch = ReturnType<typeof publicBatch>;

/** How fast lines end, over all of the time that the batch has run, and when the rest would have. */
function paceOf(batch: Batch, now_ms: number) {
  const done = batch.completed + batch.failed;
  const since = batch.in_progress_at_ms;
  const until = batch.finalizing_at_ms ?? batch.cancelled_at_ms ?? now_ms;
  if (since === undefined || done === 0) return { rate_per_minute: null, eta_seconds: hasEnded(batch) ? 0 : null };
  const per_ms = done / Math.max(1, until - since);
  const left = hasEnded(batch) ? 0 : batch.total - done;
  return { rate_per_minute: Math.round(per_ms * 60_000 * 10) / 10, eta_seconds: Math.ceil(left / per_ms / 1000) };
}
