import { z } from 'zod';
import { InvariantBroken } from '../errors/index.ts';
import { RunWindow } from './runWindow.ts';

/** Version of the record's shape. */
export const batchVersion = 1;

/** What a batch can be, in OpenAI's words. Source: OpenAI's API reference, Batch. */
export const batchStatuses = [
  'validating',
  'in_progress',
  'finalizing',
  'completed',
  'failed',
  'expired',
  'cancelling',
  'cancelled',
] as const;
export type BatchStatus = (typeof batchStatuses)[number];

/** Where the lines of a batch may be addressed to. */
export const batchEndpoints = ['/v1/images/generations', '/v1/images/edits', '/v1/images/tasks'] as const;
export type BatchEndpoint = (typeof batchEndpoints)[number];

const json = <T extends z.ZodType>(inner: T) => z.preprocess((text) => JSON.parse(String(text)), inner);
const integer = z.coerce.number().int();
const time = integer.optional();

/** What is wrong with an input file, a line each; OpenAI's shape. */
export const BatchError = z.object({
  code: z.string(),
  message: z.string(),
  param: z.string().nullable(),
  line: z.number().int().nullable(),
});
export type BatchError = z.infer<typeof BatchError>;

export const BatchWebhook = z.object({ url: z.string(), metadata: z.record(z.string(), z.unknown()).nullable() });

/** What its client asks of a batch. Money is a decimal string in the catalogue's currency; times are ms since the epoch. */
export const BatchOrder = z.object({
  endpoint: z.enum(batchEndpoints),
  input_file_id: z.string(),
  completion_window: z.string(),
  metadata: json(z.record(z.string(), z.string())).optional(),
  max_cost: z.string().optional(),
  /** lines in flight at most */
  concurrency: integer.optional(),
  priority: z.enum(['interactive', 'batch']),
  not_before_ms: time,
  run_window: json(RunWindow).optional(),
  webhook: json(BatchWebhook).optional(),
  /** the batch whose failed lines these are */
  parent_id: z.string().optional(),
});

const BatchShape = BatchOrder.extend({
  v: integer,
  id: z.string(),
  key_id: z.string(),
  weight: z.coerce.number().positive().default(1),
  fingerprint: z.string(),
  currency: z.string(),
  status: z.enum(batchStatuses),
  created_at_ms: integer,
  expires_at_ms: integer,
  in_progress_at_ms: time,
  finalizing_at_ms: time,
  completed_at_ms: time,
  failed_at_ms: time,
  expired_at_ms: time,
  cancelling_at_ms: time,
  cancelled_at_ms: time,
  /** lines of the input file, known once it is validated */
  total: integer.default(0),
  /** lines that were released or refused so far, and the byte of the input file at which the next one begins */
  cursor_line: integer.default(0),
  cursor_byte: integer.default(0),
  completed: integer.default(0),
  failed: integer.default(0),
  images: integer.default(0),
  /** money, in units of 10^-8, so that it is whole: spent by lines that ended, and held for those that have not */
  spent: integer.default(0),
  reserved: integer.default(0),
  /** the rest of the lines is not run: why */
  stopped: z.enum(['budget_exceeded', 'batch_expired', 'batch_cancelled']).optional(),
  errors: json(z.array(BatchError)).optional(),
  output_file_id: z.string().optional(),
  error_file_id: z.string().optional(),
  /** its pictures and prompts are to be removed */
  removed_at_ms: time,
});

/** A batch's record: one Redis hash, parsed. */
export type Batch = z.infer<typeof BatchShape>;

/** @returns undefined for an empty hash @throws InvariantBroken when it cannot be one of ours, or is of a newer release */
export function parseBatch(hash: Record<string, string>): Batch | undefined {
  if (Object.keys(hash).length === 0) return undefined;
  const parsed = BatchShape.safeParse(hash);
  if (!parsed.success) throw new InvariantBroken(`a batch's record cannot be read: ${z.prettifyError(parsed.error)}`);
  if (parsed.data.v > batchVersion)
    throw new InvariantBroken(`a batch's record is of a newer release (${parsed.data.v})`);
  return parsed.data;
}

const ends: readonly BatchStatus[] = ['completed', 'failed', 'expired', 'cancelled'];

/** Whether a batch is over: nothing about it changes any more. */
export const hasEnded = ({ status }: Pick<Batch, 'status'>): boolean => ends.includes(status);

const unitsPerWhole = 10n ** 8n;

/** A decimal string as whole units of 10^-8. */
export function unitsOf(money: string): number {
  const [whole = '0', fraction = ''] = money.split('.');
  return Number(BigInt(whole) * unitsPerWhole + BigInt(fraction.slice(0, 8).padEnd(8, '0')));
}

/** Units of 10^-8 as a decimal string with at least four decimals. */
export function moneyOf(units: number): string {
  const all = BigInt(units);
  const fraction = String(all % unitsPerWhole)
    .padStart(8, '0')
    .replace(/0{1,4}$/, '');
  return `${all / unitsPerWhole}.${fraction}`;
}
