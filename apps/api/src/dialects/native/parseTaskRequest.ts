import { aspectRatios, ratioOfSize } from '@darkroom/shared/channels';
import { fieldProblem, Problem } from '@darkroom/shared/errors';
import type { Webhook } from '@darkroom/shared/tasks';
import { z } from 'zod';
import type { GivenImage, TaskRequest } from '../../admission/taskRequest.ts';
import { parseImages } from './parseImages.ts';

/** Longest prompt taken in, characters: bounds the record; no model of the family reads more. */
const promptMax = 32_000;

const taskEvents = ['task.started', 'task.succeeded', 'task.failed', 'task.canceled'] as const;

const Labels = z
  .record(z.string().min(1).max(64), z.string().max(512))
  .refine((labels) => Object.keys(labels).length <= 16, 'at most 16 labels');

/** The fields of a native request but the images, which have a parser of their own. */
const Body = z.strictObject({
  model: z.string().min(1).max(100),
  prompt: z
    .string()
    .max(promptMax)
    .refine((text) => text.trim() !== '', 'must not be empty'),
  task_type: z.enum(['text2image', 'image2image']).optional(),
  aspect_ratio: z.string().max(20).optional(),
  output_format: z.string().max(20).optional(),
  n: z.number().default(1),
  response_format: z.literal('url', 'must be `url`: this entry answers with URLs').optional(),
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
  // Read by parseImages; here only so that they are known.
  image: z.unknown().optional(),
  images: z.unknown().optional(),
  image_url: z.unknown().optional(),
  image_urls: z.unknown().optional(),
});

/**
 * Parses the body of `POST /v1/images/tasks`. A member that is null counts as absent.
 * @throws Problem naming the field, what was wrong and what would be right
 */
export function parseTaskRequest(json: unknown): TaskRequest {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new Problem('invalid_request', 'The body must be a JSON object with at least `model` and `prompt`.');
  }
  const given = Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null));
  if ('size' in given) throw sizeProblem(given.size);
  const images = parseImages(given);
  const parsed = Body.safeParse(given);
  if (!parsed.success) throw problemOf(parsed.error);
  const { webhook_url, webhook_events, webhook_metadata, ...body } = parsed.data;
  return {
    model: body.model,
    prompt: body.prompt,
    task_type: taskTypeOf(body.task_type, images),
    images,
    aspect_ratio: aspectRatioOf(body.aspect_ratio),
    output_format: body.output_format?.toLowerCase().replace(/^jpg$/, 'jpeg') ?? null,
    n: body.n,
    webhook: webhookOf(webhook_url, webhook_events, webhook_metadata),
    priority: body.priority,
    deadline_seconds: body.deadline_seconds ?? null,
    labels: body.labels,
  };
}

function taskTypeOf(given: TaskRequest['task_type'] | undefined, images: GivenImage[]): TaskRequest['task_type'] {
  if (given === 'image2image' && images.length === 0) {
    throw fieldProblem('image_required', 'image', '`image2image` needs a reference image; give `image` or `images`.');
  }
  if (given === 'text2image' && images.length > 0) {
    const message = '`text2image` takes no reference image; leave it out or use `image2image`.';
    throw fieldProblem('image_not_allowed', images[0]!.field, message);
  }
  return given ?? (images.length > 0 ? 'image2image' : 'text2image');
}

function aspectRatioOf(given: string | undefined): string | null {
  if (given === undefined) return null;
  const ratio = given.replace(/\s+/g, '');
  if ((aspectRatios as readonly string[]).includes(ratio)) return ratio;
  throw fieldProblem(
    'invalid_aspect_ratio',
    'aspect_ratio',
    `\`aspect_ratio\` must be one of ${aspectRatios.join(', ')}.`,
  );
}

function webhookOf(url?: string, events?: string[], metadata?: Record<string, unknown>): Webhook | null {
  if (url !== undefined) return { url, events: events ?? null, metadata: metadata ?? null };
  if (events === undefined && metadata === undefined) return null;
  const field = events === undefined ? 'webhook_metadata' : 'webhook_events';
  throw fieldProblem('invalid_request', field, `\`${field}\` needs \`webhook_url\`.`);
}

function sizeProblem(size: unknown): Problem {
  const found = typeof size === 'string' ? ratioOfSize(size) : undefined;
  const hint = found
    ? `use \`aspect_ratio: "${found.ratio}"\`${found.exact ? '' : ' (the nearest there is)'}`
    : `use \`aspect_ratio\`, one of ${aspectRatios.join(', ')}`;
  return fieldProblem('size_not_supported', 'size', `\`size\` does not control these models; ${hint}.`);
}

/** One Problem for all that zod found: the first in the message, every one in `errors`. */
function problemOf(error: z.ZodError): Problem {
  const fields = error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ field: fieldOf(issue.path), message: issue.message }];
    return issue.keys.map((key) => ({
      field: fieldOf([...issue.path, key]),
      message: 'is not a field of this request',
    }));
  });
  const [first] = fields;
  return new Problem('invalid_request', `\`${first?.field}\`: ${first?.message}.`, { fields });
}

const fieldOf = (path: readonly PropertyKey[]) =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step).slice(0, 100) : `${text}.${String(step).slice(0, 100)}`;
  }, '');
