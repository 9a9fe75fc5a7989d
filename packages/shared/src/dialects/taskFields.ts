import { z } from 'zod';
import { aspectRatios } from '../channels/index.ts';
import { fieldProblem } from '../errors/index.ts';
import type { Webhook } from '../tasks/index.ts';

/** Longest prompt taken in, characters: bounds the record; no model of the family reads more. */
const promptMax = 32_000;

const taskEvents = ['task.started', 'task.succeeded', 'task.failed', 'task.canceled'] as const;

const Labels = z
  .record(z.string().min(1).max(64), z.string().max(512))
  .refine((labels) => Object.keys(labels).length <= 16, 'at most 16 labels');

export const Prompt = z
  .string()
  .max(promptMax)
  .refine((text) => text.trim() !== '', 'must not be empty');

export const Model = z.string().min(1).max(100);

/** What Darkroom itself offers with a task, whatever the dialect that it is ordered in. */
export const offered = {
  webhook_url: z.string().max(2048).optional(),
  webhook_events: z.array(z.enum(taskEvents)).max(taskEvents.length).optional(),
  webhook_metadata: z
    .record(z.string(), z.unknown())
    .refine((metadata) => JSON.stringify(metadata).length <= 4096, 'must be at most 4096 characters of JSON')
    .optional(),
  priority: z.enum(['interactive', 'batch']).default('interactive'),
  deadline_seconds: z
    .number()
    .int()
    .min(1)
    .max(7 * 86_400)
    .optional(),
  labels: Labels.default({}),
};

type Offered = z.infer<z.ZodObject<typeof offered>>;

/** The part of a `TaskRequest` that `offered` says. @throws Problem `invalid_request` */
export function readOffered({ webhook_url, webhook_events, webhook_metadata, ...given }: Offered) {
  return {
    webhook: webhookOf(webhook_url, webhook_events, webhook_metadata),
    priority: given.priority,
    deadline_seconds: given.deadline_seconds ?? null,
    labels: given.labels,
  };
}

/** @throws Problem `invalid_aspect_ratio` */
export function aspectRatioOf(given: string | undefined, field = 'aspect_ratio'): string | null {
  if (given === undefined) return null;
  const ratio = given.replace(/\s+/g, '');
  if ((aspectRatios as readonly string[]).includes(ratio)) return ratio;
  throw fieldProblem('invalid_aspect_ratio', field, `\`${field}\` must be one of ${aspectRatios.join(', ')}.`);
}

/** A format by the name that the catalogue of models has for it. */
export function outputFormatOf(given: string | undefined): string | null {
  return given?.toLowerCase().replace(/^jpg$/, 'jpeg') ?? null;
}

function webhookOf(url?: string, events?: string[], metadata?: Record<string, unknown>): Webhook | null {
  if (url !== undefined) return { url, events: events ?? null, metadata: metadata ?? null };
  if (events === undefined && metadata === undefined) return null;
  const field = events === undefined ? 'webhook_metadata' : 'webhook_events';
  throw fieldProblem('invalid_request', field, `\`${field}\` needs \`webhook_url\`.`);
}
