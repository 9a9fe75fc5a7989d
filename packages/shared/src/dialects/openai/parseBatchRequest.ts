import { z } from 'zod';
import { type Batch, batchEndpoints, moneyOf, RunWindow, unitsOf } from '../../batches/index.ts';
import { fieldProblem, Problem } from '../../errors/index.ts';
import { zodProblem } from '../zodProblem.ts';

const Money = z.string().regex(/^\d{1,9}(\.\d{1,8})?$/, 'must be a decimal string such as "12.50"');

const Window = z.string();
const Priority = z.enum(['interactive', 'batch']);

/** What every way to order a batch takes besides its lines; a retry has the rest from its parent. */
const own = {
  metadata: z
    .record(z.string().min(1).max(64), z.string().max(512))
    .refine((pairs) => Object.keys(pairs).length <= 16, 'at most 16 pairs')
    .optional(),
  max_cost: z.union([Money, z.number().min(0).transform(String)]).optional(),
  concurrency: z.number().int().min(1).max(100_000).optional(),
  not_before: z.iso.datetime({ offset: true, error: 'must be a time such as 2026-01-31T22:00:00Z' }).optional(),
  run_window: RunWindow.optional(),
  webhook_url: z.string().max(2048).optional(),
  webhook_metadata: z.record(z.string(), z.unknown()).optional(),
};
const common = {
  ...own,
  completion_window: Window.default('24h'),
  priority: Priority.default('batch'),
  dry_run: z.boolean().default(false),
};

/** `POST /v1/batches`. Source: OpenAI's API reference, Batch; what is ours stands beside it. */
export const FileBatch = z.strictObject({
  input_file_id: z.string().max(100),
  endpoint: z.enum(batchEndpoints),
  output_expires_after: z.unknown().optional(),
  ...common,
});

/** `POST /v1/images/batches`: the lines themselves, or one request and many prompts. */
export const ListBatch = z.strictObject({
  requests: z.array(z.record(z.string(), z.unknown())).min(1).max(1000).optional(),
  request: z.record(z.string(), z.unknown()).optional(),
  prompts: z.array(z.string()).min(1).max(1000).optional(),
  ...common,
});

/** `POST /v1/batches/{id}/retry`: what is to differ from the batch whose failed lines these are. */
export const RetryBatch = z.strictObject({
  ...own,
  completion_window: Window.optional(),
  priority: Priority.optional(),
});

type Common = z.output<z.ZodObject<typeof common>>;

/** What is asked of a batch, whatever its lines; times are ms since the epoch. */
export type BatchRequest = {
  completion_window: string;
  window_ms: number;
  metadata: Record<string, string> | undefined;
  max_cost: string | undefined;
  concurrency: number | undefined;
  priority: 'interactive' | 'batch';
  not_before_ms: number | undefined;
  run_window: RunWindow | undefined;
  webhook: { url: string; metadata: Record<string, unknown> | null } | undefined;
  dry_run: boolean;
};

/** @throws Problem naming the field, what was wrong and what would be right */
export function parseFileBatch(body: unknown) {
  const { input_file_id, endpoint, output_expires_after: _without_effect, ...rest } = parsed(FileBatch, body);
  return { input_file_id, endpoint, asked: readCommon(rest) };
}

/** @returns the bodies of the lines, for the native endpoint @throws Problem */
export function parseListBatch(body: unknown) {
  const { requests, request, prompts, ...rest } = parsed(ListBatch, body);
  if (requests ? request || prompts : !request || !prompts) {
    throw new Problem('invalid_request', 'Give `requests`, or `request` and `prompts`.');
  }
  const bodies = requests ?? prompts!.map((prompt) => ({ ...request, prompt }));
  return { bodies, asked: readCommon(rest) };
}

/**
 * A retry is asked for as its parent was, but for what its own body says; the body may be left out. Without a budget of
 * its own it has what is left of the parent's, so that a budget holds over all retries.
 * @throws Problem
 */
export function parseRetryBatch(body: unknown, parent: Batch): BatchRequest {
  const given = body === undefined ? {} : parsed(RetryBatch, body);
  const { completion_window = parent.completion_window, priority = parent.priority } = given;
  const asked = readCommon({ ...given, completion_window, priority, dry_run: false });
  return {
    ...asked,
    metadata: asked.metadata ?? parent.metadata,
    max_cost: asked.max_cost ?? leftOf(parent),
    concurrency: asked.concurrency ?? parent.concurrency,
    run_window: asked.run_window ?? parent.run_window,
    webhook: asked.webhook ?? parent.webhook,
  };
}

function leftOf({ max_cost, spent }: Batch): string | undefined {
  return max_cost === undefined ? undefined : moneyOf(Math.max(0, unitsOf(max_cost) - spent));
}

function parsed<T>(shape: z.ZodType<T>, body: unknown): T {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Problem('invalid_request', 'The body must be a JSON object.');
  }
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  const result = shape.safeParse(given);
  if (!result.success) throw zodProblem(result.error);
  return result.data;
}

function readCommon(given: Common): BatchRequest {
  const { not_before, webhook_url, webhook_metadata, ...rest } = given;
  if (webhook_metadata && !webhook_url) {
    throw fieldProblem('invalid_request', 'webhook_metadata', '`webhook_metadata` needs `webhook_url`.');
  }
  return {
    ...rest,
    metadata: rest.metadata,
    max_cost: rest.max_cost,
    concurrency: rest.concurrency,
    run_window: rest.run_window,
    window_ms: windowOf(rest.completion_window),
    not_before_ms: not_before === undefined ? undefined : Date.parse(not_before),
    webhook: webhook_url === undefined ? undefined : { url: webhook_url, metadata: webhook_metadata ?? null },
  };
}

const hourMs = 3_600_000;

function windowOf(text: string): number {
  const match = /^([1-9]\d{0,5})([mh])$/.exec(text);
  const ms = match ? Number(match[1]) * (match[2] === 'h' ? hourMs : 60_000) : 0;
  if (ms > 0 && ms <= 168 * hourMs) return ms;
  const message = '`completion_window` must be minutes or hours, up to 168h: `24h`, `90m`.';
  throw fieldProblem('invalid_request', 'completion_window', message);
}
