import type { ProblemKind } from './problems.ts';

/** How a synchronous entry reports a task that failed through its request, upstream, or the clock. */
const refused: ProblemKind = {
  status: 400,
  openai: { type: 'invalid_request_error' },
  gemini: { status: 'INVALID_ARGUMENT' },
};
const failed: ProblemKind = { status: 502, openai: { type: 'server_error' }, gemini: { status: 'INTERNAL' } };
const late: ProblemKind = { status: 504, openai: { type: 'server_error' }, gemini: { status: 'DEADLINE_EXCEEDED' } };

/**
 * Why a task ended without pictures: the codes of a task's own `error`. `retryable` tells the client whether the same
 * request can succeed later; `sync` is how a synchronous entry reports the failed task.
 */
export const taskErrors = {
  upstream_refused: { retryable: false, sync: refused },
  content_policy: {
    retryable: false,
    sync: { ...refused, openai: { ...refused.openai, code: 'content_policy_violation' } },
  },
  upstream_failed: { retryable: true, sync: failed },
  upstream_unavailable: { retryable: true, sync: failed },
  submission_unknown: { retryable: false, sync: failed },
  result_unavailable: { retryable: true, sync: failed },
  result_unreadable: { retryable: true, sync: failed },
  image_unreadable: { retryable: false, sync: refused },
  url_not_allowed: { retryable: false, sync: refused },
  deadline_exceeded: { retryable: true, sync: late },
  poisoned: { retryable: false, sync: failed },
  canceled: { retryable: false, sync: refused },
} as const satisfies Record<string, { retryable: boolean; sync: ProblemKind }>;

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

/** A task that ended without pictures, to be reported by an entry that answers with pictures. */
export class TaskFailed extends Error {
  override name = 'TaskFailed';
  readonly code: TaskErrorCode;
  readonly fields = [];
  readonly kind: ProblemKind;

  constructor({ code, message }: Pick<TaskError, 'code' | 'message'>) {
    super(message);
    this.code = code;
    this.kind = taskErrors[code].sync;
  }
}
