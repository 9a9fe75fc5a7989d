/** How one kind of refusal shows in each dialect. `status` is the native HTTP status; a dialect may override it. */
export type ProblemKind = {
  status: number;
  openai: { type: OpenAiErrorType; status?: number; code?: string };
  gemini: { status: GeminiStatus; http?: number };
};

type OpenAiErrorType = 'invalid_request_error' | 'authentication_error' | 'rate_limit_error' | 'server_error';
type GeminiStatus =
  | 'INVALID_ARGUMENT'
  | 'UNAUTHENTICATED'
  | 'PERMISSION_DENIED'
  | 'NOT_FOUND'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'UNAVAILABLE'
  | 'INTERNAL'
  | 'DEADLINE_EXCEEDED';

const invalid = (status: number, gemini: GeminiStatus = 'INVALID_ARGUMENT'): ProblemKind => ({
  status,
  openai: { type: 'invalid_request_error' },
  gemini: { status: gemini },
});

/**
 * Every refusal that the API can answer with: the one catalogue. Codes are stable: clients match on them, never on
 * messages. `docs/errors.md` is held equal to this table by a test.
 */
export const problems = {
  invalid_json: invalid(400),
  invalid_request: invalid(400),
  model_not_enabled: {
    status: 400,
    openai: { type: 'invalid_request_error', status: 404, code: 'model_not_found' },
    gemini: { status: 'NOT_FOUND', http: 404 },
  },
  unsupported_output_format: invalid(400),
  conflicting_image_fields: invalid(400),
  image_required: invalid(400),
  image_not_allowed: invalid(400),
  size_not_supported: invalid(400),
  invalid_aspect_ratio: invalid(400),
  n_out_of_range: invalid(400),
  url_not_allowed: invalid(400),
  image_unreadable: invalid(400),
  unauthorized: {
    status: 401,
    openai: { type: 'authentication_error', code: 'invalid_api_key' },
    gemini: { status: 'UNAUTHENTICATED' },
  },
  budget_exceeded: {
    status: 402,
    openai: { type: 'rate_limit_error', status: 429, code: 'insufficient_quota' },
    gemini: { status: 'RESOURCE_EXHAUSTED', http: 429 },
  },
  forbidden: invalid(403, 'PERMISSION_DENIED'),
  task_not_found: invalid(404, 'NOT_FOUND'),
  batch_not_found: invalid(404, 'NOT_FOUND'),
  file_not_found: invalid(404, 'NOT_FOUND'),
  endpoint_not_found: invalid(404, 'NOT_FOUND'),
  delivery_not_found: invalid(404, 'NOT_FOUND'),
  route_not_found: invalid(404, 'NOT_FOUND'),
  method_not_allowed: invalid(405),
  task_already_finished: invalid(409, 'FAILED_PRECONDITION'),
  task_not_finished: invalid(409, 'FAILED_PRECONDITION'),
  batch_already_finished: invalid(409, 'FAILED_PRECONDITION'),
  batch_not_finished: invalid(409, 'FAILED_PRECONDITION'),
  nothing_to_retry: invalid(409, 'FAILED_PRECONDITION'),
  file_in_use: invalid(409, 'FAILED_PRECONDITION'),
  payload_too_large: invalid(413),
  unsupported_media_type: invalid(415),
  idempotency_conflict: invalid(422, 'FAILED_PRECONDITION'),
  rate_limited: {
    status: 429,
    openai: { type: 'rate_limit_error' },
    gemini: { status: 'RESOURCE_EXHAUSTED' },
  },
  queue_unavailable: { status: 503, openai: { type: 'server_error' }, gemini: { status: 'UNAVAILABLE' } },
  storage_unavailable: { status: 503, openai: { type: 'server_error' }, gemini: { status: 'UNAVAILABLE' } },
  still_running: { status: 504, openai: { type: 'server_error' }, gemini: { status: 'DEADLINE_EXCEEDED' } },
  internal_error: { status: 500, openai: { type: 'server_error' }, gemini: { status: 'INTERNAL' } },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problems;
