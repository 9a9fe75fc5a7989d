/**
 * Why a task ended without pictures: the codes of a task's own `error`. `retryable` tells the client whether the same
 * request can succeed later; `sync_status` is the HTTP status where a synchronous entry reports the failed task.
 */
export const taskErrors = {
  upstream_refused: { retryable: false, sync_status: 400 },
  content_policy: { retryable: false, sync_status: 400 },
  upstream_failed: { retryable: true, sync_status: 502 },
  upstream_unavailable: { retryable: true, sync_status: 502 },
  submission_unknown: { retryable: false, sync_status: 502 },
  result_unavailable: { retryable: true, sync_status: 502 },
  result_unreadable: { retryable: true, sync_status: 502 },
  image_unreadable: { retryable: false, sync_status: 400 },
  url_not_allowed: { retryable: false, sync_status: 400 },
  deadline_exceeded: { retryable: true, sync_status: 504 },
  poisoned: { retryable: false, sync_status: 502 },
  canceled: { retryable: false, sync_status: 400 },
} as const satisfies Record<string, { retryable: boolean; sync_status: number }>;

export type TaskErrorCode = keyof typeof taskErrors;

/** What the upstream itself said: `status` is its HTTP status, or null when the task failed while it was queried. */
export type UpstreamSaid = { status: number | null; code: string | null; message: string | null };

/** A task's `error`, as stored and as every query shows it. */
export type TaskError = {
  code: TaskErrorCode;
  message: string;
  retryable: boolean;
  upstream: UpstreamSaid | null;
};

export function taskError(code: TaskErrorCode, message: string, upstream: UpstreamSaid | null = null): TaskError {
  return { code, message, retryable: taskErrors[code].retryable, upstream };
}
