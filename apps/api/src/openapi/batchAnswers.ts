import { batchStatuses, RunWindow } from '@darkroom/shared/batches';
import { z } from 'zod';
import { listOf, money } from './answers.ts';

const pageOf = <T extends z.ZodType>(item: T) =>
  listOf(item).extend({ has_more: z.boolean(), first_id: z.string().nullable(), last_id: z.string().nullable() });

export const FileAnswer = z.object({
  id: z.string(),
  object: z.literal('file'),
  bytes: z.number().int(),
  created_at: z.number().int(),
  expires_at: z.number().int(),
  filename: z.string(),
  purpose: z.enum(['batch', 'batch_output']),
  status: z.literal('processed'),
});
export const FilesAnswer = pageOf(FileAnswer);
export const DeletedAnswer = z.object({ id: z.string(), object: z.string(), deleted: z.literal(true) });

const at = z.number().int().nullable();
export const BatchAnswer = z.object({
  id: z.string(),
  object: z.literal('batch'),
  endpoint: z.string(),
  errors: z
    .object({
      object: z.literal('list'),
      data: z.array(
        z.object({ code: z.string(), message: z.string(), param: z.string().nullable(), line: z.number().nullable() }),
      ),
    })
    .nullable(),
  input_file_id: z.string(),
  completion_window: z.string(),
  status: z.enum(batchStatuses),
  output_file_id: z.string().nullable(),
  error_file_id: z.string().nullable(),
  created_at: at,
  in_progress_at: at,
  expires_at: at,
  finalizing_at: at,
  completed_at: at,
  failed_at: at,
  expired_at: at,
  cancelling_at: at,
  cancelled_at: at,
  request_counts: z.object({ total: z.number(), completed: z.number(), failed: z.number() }),
  metadata: z.record(z.string(), z.string()).nullable(),
  darkroom: z.object({
    cost: money,
    currency: z.string(),
    max_cost: z.string().nullable(),
    images: z.number().int(),
    rate_per_minute: z.number().nullable(),
    eta_seconds: z.number().int().nullable(),
    priority: z.enum(['interactive', 'batch']),
    concurrency: z.number().int().nullable(),
    not_before: z.iso.datetime().nullable(),
    run_window: RunWindow.nullable(),
    parent_id: z.string().nullable(),
  }),
});
export const BatchesAnswer = pageOf(BatchAnswer);
export const EstimateAnswer = z.object({
  object: z.literal('batch.estimate'),
  lines: z.number().int(),
  images: z.number().int(),
  cost: money,
  currency: z.string(),
  refused: z.array(
    z.object({ line: z.number(), custom_id: z.string().nullable(), code: z.string(), message: z.string() }),
  ),
});
/** A batch, or with `dry_run` what it would be. */
export const BatchOrEstimate = z.union([BatchAnswer, EstimateAnswer]);
