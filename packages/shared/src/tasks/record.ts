import { z } from 'zod';
import type { TaskError } from '../errors/index.ts';
import { InvariantBroken } from '../errors/index.ts';
import type { TaskId } from './ids.ts';
import { isFinalStatus, partStates, taskStatuses } from './transitions.ts';

/** Version of the record's shape. A newer one than this is refused: an old process must not write over a new one. */
export const recordVersion = 1;

const json = <T extends z.ZodType>(inner: T) =>
  z
    .string()
    .transform((text, ctx) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        ctx.addIssue('not JSON');
        return z.NEVER;
      }
    })
    .pipe(inner);
const integer = z
  .string()
  .regex(/^-?\d+$/)
  .transform(Number);
const flag = z.enum(['0', '1']).transform((text) => text === '1');

/** A reference image of a request: passed on as the client's URL, or kept in storage under `key`. */
export const InputImage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('url'), url: z.string() }),
  z.object({ kind: z.literal('stored'), key: z.string(), media_type: z.string() }),
]);
export type InputImage = z.infer<typeof InputImage>;

/** What is to be made, as the dialects have parsed it and the model's rules have let it pass. */
export const GenerationRequest = z.object({
  model: z.string(),
  prompt: z.string(),
  task_type: z.enum(['text2image', 'image2image']),
  inputs: z.array(InputImage),
  aspect_ratio: z.string().nullable(),
  output_format: z.string().nullable(),
  n: z.number().int().min(1),
});
export type GenerationRequest = z.infer<typeof GenerationRequest>;

/** Where and of what a client wants to be told about its task. `events` null means all but `task.started`. */
export const Webhook = z.object({
  url: z.string(),
  events: z.array(z.string()).nullable(),
  metadata: z.record(z.string(), z.unknown()).nullable(),
});
export type Webhook = z.infer<typeof Webhook>;

/** A picture in storage. `sha256` is hex; `bytes`, `width` and `height` are of the stored file. */
export const StoredImage = z.object({
  key: z.string(),
  media_type: z.string(),
  bytes: z.number(),
  width: z.number(),
  height: z.number(),
  sha256: z.string(),
});
export type StoredImage = z.infer<typeof StoredImage>;

const TaskErrorShape: z.ZodType<TaskError> = z.object({
  code: z.string(),
  message: z.string(),
  retryable: z.boolean(),
  upstream: z
    .object({ status: z.number().nullable(), code: z.string().nullable(), message: z.string().nullable() })
    .nullable(),
}) as never;

const partShape = {
  state: z.enum(partStates),
  n: integer,
  /** the channel whose part it is, where it has moved from the task's own */
  channel: z.string().optional(),
  fence: integer.default(0),
  starts: integer.default(0),
  attempt: integer.default(0),
  next_attempt: integer.default(1),
  progress: integer.default(0),
  upstream_task_id: z.string().optional(),
  submitted_at_ms: integer.optional(),
  stored_at_ms: integer.optional(),
  /** why the attempt could not be posted so far, in words */
  trouble: z.string().optional(),
  /** posts of this attempt that were surely not accepted */
  tries: integer.default(0),
  /** posts of this attempt whose outcome nobody knows */
  unknowns: integer.default(0),
  images: json(z.array(StoredImage)).optional(),
  error: json(TaskErrorShape).optional(),
};
const PartShape = z.object(partShape);
export type Part = z.infer<typeof PartShape>;

const TaskShape = z.object({
  v: integer,
  id: z.string().transform((id) => id as TaskId),
  key_id: z.string(),
  weight: z.coerce.number().positive().optional(),
  /** whether it holds one of the places of a limited API key */
  placed: flag.optional(),
  /** whether it may be the repeat of a task that a restored Redis has forgotten */
  doubtful: flag.optional(),
  channel: z.string(),
  fingerprint: z.string(),
  request: json(GenerationRequest),
  labels: json(z.record(z.string(), z.string())).optional(),
  priority: z.enum(['interactive', 'batch']),
  webhook: json(Webhook).optional(),
  batch: json(z.object({ id: z.string(), line: z.number().int().min(0) })).optional(),
  unit_price: z.string(),
  currency: z.string(),
  parts: integer,
  status: z.enum(taskStatuses),
  progress: integer.default(0),
  possibly_duplicated: flag.default(false),
  created_at_ms: integer,
  deadline_at_ms: integer,
  submitted_at_ms: integer.optional(),
  finished_at_ms: integer.optional(),
  error: json(TaskErrorShape).optional(),
  history: z.string().default(''),
});

/** A task's record as the code sees it: the hash in Redis, parsed. */
export type TaskRecord = Omit<z.infer<typeof TaskShape>, 'parts'> & { parts: Part[] };

/** A record written by a newer release than this one. */
export class RecordTooNew extends Error {
  override name = 'RecordTooNew';
}

/** For who looks at many tasks: one that a newer release wrote is left to that, and keeps nobody from the others. */
export function unlessTooNew(error: unknown): undefined {
  if (!(error instanceof RecordTooNew)) throw error;
}

/**
 * Parses a record's hash.
 * @returns the record, or undefined for an empty hash (no such task)
 * @throws RecordTooNew; InvariantBroken when the hash is not a record
 */
export function parseRecord(hash: Record<string, string>): TaskRecord | undefined {
  if (Object.keys(hash).length === 0) return undefined;
  if (Number(hash.v) > recordVersion) {
    throw new RecordTooNew(
      `This record has version ${Number(hash.v)}; this release knows up to ${recordVersion}. Update this process.`,
    );
  }
  const task = TaskShape.safeParse(hash);
  if (!task.success) throw new InvariantBroken(`not a task record: ${z.prettifyError(task.error)}`);
  const parts = Array.from({ length: task.data.parts }, (_, p) => parsePart(hash, p));
  return { ...task.data, parts };
}

function parsePart(hash: Record<string, string>, part: number): Part {
  const fields = Object.fromEntries(
    Object.keys(partShape)
      .map((name) => [name, hash[partField(part, name)]] as const)
      .filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = PartShape.safeParse(fields);
  if (!parsed.success) throw new InvariantBroken(`not a part's record: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Name of a part's field in the task's hash. */
export const partField = (part: number, name: string) => `p${part}.${name}`;

/** A record's hash as the manifest that is kept beside its pictures. */
export const manifestOf = (hash: Record<string, string>) => JSON.stringify({ manifest: 1, record: hash });

/**
 * The record a manifest holds, and its hash as it was written: what is known of a task after its record has gone.
 * @returns undefined for one that tells of no end: it says nothing that would hold
 * @throws InvariantBroken when it is not a manifest; RecordTooNew
 */
export function parseManifest(text: string): { task: TaskRecord; hash: Record<string, string> } | undefined {
  const manifest = z.object({ record: z.record(z.string(), z.string()) }).safeParse(JSON.parse(text));
  const hash = manifest.data?.record;
  const task = hash && parseRecord(hash);
  if (!task) throw new InvariantBroken('not a manifest');
  return isFinalStatus(task.status) ? { task, hash } : undefined;
}

/** Where a task's manifest stands in storage. */
export const manifestKey = (id: TaskId) => `${id}/manifest.json`;

/** The channel that a part belongs to: the one it has moved to, else its task's. */
export const channelOf = (task: Pick<TaskRecord, 'channel'>, part: Pick<Part, 'channel'>) =>
  part.channel ?? task.channel;

/** The pictures of a task, in the order of its parts. */
export const imagesOf = (task: TaskRecord): StoredImage[] => task.parts.flatMap((part) => part.images ?? []);
