import { z } from 'zod';

/** A call of a client, from its sending to its answer. `info`: the answer was lost, so nobody knows what became of it. */
const Call = z.object({
  t: z.literal('call'),
  /** ms since the storm began, monotonic */
  at: z.number(),
  process: z.string(),
  op: z.enum(['create', 'query', 'cancel', 'create_batch', 'query_batch']),
  phase: z.enum(['invoke', 'ok', 'fail', 'info']),
  /** tells the lines of one call from those of others */
  call: z.number().int(),
  /** which of the storm's orders it is about; every order has a prompt of its own */
  order: z.number().int().optional(),
  task_id: z.string().optional(),
  batch_id: z.string().optional(),
  idempotency_key: z.string().optional(),
  body_hash: z.string().optional(),
  http: z.number().int().optional(),
  code: z.string().optional(),
  /** the task as the answer showed it */
  seen: z
    .object({
      status: z.string(),
      progress: z.number(),
      actual: z.string().nullable(),
      images: z.array(z.string()),
    })
    .optional(),
});

const Fault = z.object({
  t: z.literal('fault'),
  at: z.number(),
  name: z.string(),
  phase: z.enum(['begin', 'end']),
  /** parts of tasks, deliveries and batches in each step as it struck */
  steps: z.record(z.string(), z.number().int()).optional(),
});

/** Redis lost what it had acknowledged between these times: no promise covers it, see `docs/operations.md`. */
const Loss = z.object({ t: z.literal('loss'), from: z.number(), to: z.number() });

/** An event as a reader of server-sent events, or a receiver of webhooks, got it. */
const Told = z.object({
  t: z.literal('told'),
  at: z.number(),
  by: z.enum(['sse', 'webhook']),
  reader: z.string(),
  id: z.string().optional(),
  event: z.string(),
  task_id: z.string().optional(),
  status: z.string().optional(),
});

/** A part as somebody who looked into Redis now and then saw it. */
const Seen = z.object({
  t: z.literal('seen'),
  at: z.number(),
  task_id: z.string(),
  part: z.number().int(),
  state: z.string(),
  fence: z.number().int(),
});

const Log = z.object({ t: z.literal('log'), at: z.number(), process: z.string(), line: z.string() });

/** How it all stood when the storm was over and everything had come to rest. */
const Record_ = z.object({
  t: z.literal('record'),
  task_id: z.string(),
  key_id: z.string(),
  order: z.number().int().optional(),
  status: z.string(),
  created_at_ms: z.number().int(),
  unit_price: z.string(),
  actual: z.string().nullable(),
  possibly_duplicated: z.boolean(),
  error: z.string().nullable(),
  parts: z.array(
    z.object({
      state: z.string(),
      fence: z.number().int(),
      attempt: z.number().int(),
      unknowns: z.number().int(),
      upstream_task_id: z.string().nullable(),
      images: z.array(z.object({ key: z.string(), sha256: z.string(), bytes: z.number().int() })),
    }),
  ),
});

const Submission = z.object({
  t: z.literal('submission'),
  at_ms: z.number(),
  idempotency_key: z.string().nullable(),
  outcome: z.string(),
  status: z.number().int().nullable(),
  upstream_task_id: z.string().nullable(),
});

const UpstreamTask = z.object({
  t: z.literal('upstream_task'),
  id: z.string(),
  idempotency_key: z.string().nullable(),
  phase: z.string(),
  n: z.number().int(),
  /** of each picture it drew; empty unless it succeeded */
  sha256: z.array(z.string()),
});

const Stored = z.object({ t: z.literal('object'), key: z.string(), bytes: z.number().int(), sha256: z.string() });
const RedisKey = z.object({ t: z.literal('key'), key: z.string(), type: z.string(), ttl_ms: z.number() });
const Listed = z.object({
  t: z.literal('listed'),
  /** `unowned`: a folder of storage that the sweeper will remove, since it is nobody's */
  what: z.enum(['orphan', 'duplicate', 'unowned']),
  task_id: z.string(),
  upstream_task_id: z.string().nullable(),
});

const Begin = z.object({
  t: z.literal('storm'),
  seed: z.number().int(),
  orders: z.number().int(),
  prefix: z.string(),
  mutant: z.string().nullable(),
  planned: z.array(z.tuple([z.string(), z.string()])),
  secrets: z.array(z.string()),
});

/** The storm came to rest, or was stopped since nothing moved any more. */
const End = z.object({
  t: z.literal('end'),
  at: z.number(),
  stuck: z.boolean(),
  why: z.string(),
  batches: z.array(
    z.object({
      id: z.string(),
      status: z.string(),
      total: z.number().int(),
      completed: z.number().int(),
      failed: z.number().int(),
      answered: z.array(z.string()),
      wanted: z.array(z.string()),
    }),
  ),
});

export const Line = z.discriminatedUnion('t', [
  ...[Begin, Call, Fault, Loss, Told, Seen, Log],
  ...[Record_, Submission, UpstreamTask, Stored, RedisKey, Listed, End],
] as never) as unknown as z.ZodType<Line>;

export type Call = z.infer<typeof Call>;
export type Fault = z.infer<typeof Fault>;
export type TaskEnd = z.infer<typeof Record_>;
export type Begin = z.infer<typeof Begin>;
export type Line =
  | Begin
  | Call
  | Fault
  | TaskEnd
  | z.infer<typeof Loss>
  | z.infer<typeof Told>
  | z.infer<typeof Seen>
  | z.infer<typeof Log>
  | z.infer<typeof Submission>
  | z.infer<typeof UpstreamTask>
  | z.infer<typeof Stored>
  | z.infer<typeof RedisKey>
  | z.infer<typeof Listed>
  | z.infer<typeof End>;

export type LineOf<T extends Line['t']> = Extract<Line, { t: T }>;
