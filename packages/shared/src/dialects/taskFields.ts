import { z } from 'zod';
import { aspectRatios } from '../channels/index.ts';
import { fieldProblem } from '../errors/index.ts';
import type { Webhook } from '../tasks/index.ts';
import { imagesMax } from './givenImage.ts';

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

export const Model = z.string().min(1).max(100).describe('a model that is enabled here, as `GET /v1/models` lists');
export const Count = z.number().default(1).describe('pictures wanted, from 1 to what the model allows');
export const AspectRatio = z
  .string()
  .max(20)
  .describe(`one of ${aspectRatios.join(', ')}`);
export const OutputFormat = z.string().max(20).describe('`png`, `jpeg`, or `webp` where the model has it');

/** A reference image as every dialect takes it, in words of JSON Schema. */
export const oneImage = {
  anyOf: [
    { type: 'string', description: 'a URL or a data URI' },
    { type: 'object', properties: { url: { type: 'string' } }, required: ['url'] },
    {
      type: 'object',
      properties: { b64_json: { type: 'string' }, media_type: { type: 'string' } },
      required: ['b64_json'],
    },
  ],
};
export const listOfImages = (one: object) => ({ type: 'array', maxItems: imagesMax, items: one });

/**
 * The fields of reference images. They have parsers of their own; here they are only known, and described.
 * @param one  an image, in words of JSON Schema
 * @param inImage  what `image` may be
 */
export function references(one: object = oneImage, inImage: object = one) {
  const known = (shape: object, says: string) =>
    z
      .unknown()
      .meta({ ...shape, description: says })
      .optional();
  const only = 'use only one of `image`, `images`, `image_url`, `image_urls`';
  return {
    image: known(inImage, `the reference image; ${only}`),
    images: known(listOfImages(one), `reference images; ${only}`),
    image_url: known(one, 'the same as `image`'),
    image_urls: known(listOfImages(one), 'the same as `images`'),
  };
}

/** What Darkroom itself offers with a task, whatever the dialect that it is ordered in. */
export const offered = {
  webhook_url: z.string().max(2048).optional().describe('where the events of the task are sent'),
  webhook_events: z.array(z.enum(taskEvents)).max(taskEvents.length).optional(),
  webhook_metadata: z
    .record(z.string(), z.unknown())
    .refine((metadata) => JSON.stringify(metadata).length <= 4096, 'must be at most 4096 characters of JSON')
    .optional(),
  priority: z
    .enum(['interactive', 'batch'])
    .default('interactive')
    .describe('`batch` waits behind all that is `interactive`'),
  deadline_seconds: z
    .number()
    .int()
    .min(1)
    .max(7 * 86_400)
    .optional()
    .describe('the task fails when it has not ended by then'),
  labels: Labels.default({}).describe('up to 16 pairs, shown with the task; `?label=key:value` finds them'),
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
