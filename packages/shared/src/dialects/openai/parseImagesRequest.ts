import { z } from 'zod';
import { ratiosOfSize } from '../../channels/index.ts';
import { fieldProblem, Problem } from '../../errors/index.ts';
import {
  AspectRatio,
  aspectRatioOf,
  Count,
  listOfImages,
  Model,
  OutputFormat,
  offered,
  oneImage,
  outputFormatOf,
  Prompt,
  readOffered,
  references,
} from '../taskFields.ts';
import type { GivenImage, TaskRequest, UploadedFile } from '../taskRequest.ts';
import { zodProblem } from '../zodProblem.ts';
import { referencesOf } from './references.ts';

/** A request for pictures in OpenAI's words: what is to be made, and how the client wants to be answered. */
export type ImagesRequest = {
  task: TaskRequest;
  answer: { format: 'url' | 'b64_json'; stream: boolean };
};

const cannot = (what: string) => `${what}; leave it out`;
const withoutEffect = 'taken, without effect';

/** OpenAI's own JSON form of a reference stands beside ours. */
const openaiForm = { type: 'object', properties: { image_url: { type: 'string' } }, required: ['image_url'] };
const oneReference = { anyOf: [...oneImage.anyOf, openaiForm] };

/**
 * OpenAI's parameters of images.generate and images.edit, and what is Darkroom's own (clients send it as `extra_body`).
 * What does not change the picture, or only asks for what the models do anyway, is taken and has no effect.
 */
export const ImagesBody = z.strictObject({
  model: Model,
  prompt: Prompt,
  n: Count,
  size: z
    .string()
    .max(30)
    .optional()
    .describe('`auto`, or WIDTHxHEIGHT that says exactly one of the ratios of `aspect_ratio`'),
  response_format: z.enum(['url', 'b64_json']).default('url'),
  output_format: OutputFormat.optional(),
  stream: z.boolean().default(false).describe('server-sent events, one with each finished picture'),
  user: z.string().max(512).optional().describe(withoutEffect),
  safety_identifier: z.string().max(512).optional().describe(withoutEffect),
  quality: z.string().max(20).optional().describe(withoutEffect),
  moderation: z.enum(['auto', 'low']).optional().describe(withoutEffect),
  background: z
    .enum(['auto', 'opaque'], cannot('must be `auto` or `opaque`: the models draw no transparency'))
    .optional()
    .describe(withoutEffect),
  partial_images: z.number().int().min(0).max(3).optional().describe(withoutEffect),
  output_compression: z.literal(100, cannot('cannot be controlled')).optional(),
  input_fidelity: z.literal('low', cannot('cannot be controlled')).optional(),
  style: z.never(cannot('cannot be controlled')).optional().describe('refused: it cannot be controlled'),
  mask: z
    .never(cannot('the models take none: describe in the prompt what is to change'))
    .optional()
    .describe('refused: the models take none'),
  aspect_ratio: AspectRatio.optional(),
  ...offered,
  // Read by referencesOf.
  ...references(oneReference, { anyOf: [oneReference, listOfImages(oneReference)] }),
});

/**
 * Parses the body of `POST /v1/images/generations` or `/v1/images/edits`. A member that is null counts as absent.
 * Source: OpenAI's API reference, Images.
 * @param files  the references that came as parts of a form
 * @throws Problem naming the field, what was wrong and what would be right
 */
export function parseImagesRequest(
  entry: 'generations' | 'edits',
  body: unknown,
  files: readonly UploadedFile[] = [],
): ImagesRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Problem('invalid_request', 'The body must be a JSON object with at least `model` and `prompt`.');
  }
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  const images = referencesOf(given, files);
  const parsed = ImagesBody.safeParse(given);
  if (!parsed.success) throw zodProblem(parsed.error);
  if (entry === 'edits' && images.length === 0) {
    throw fieldProblem('image_required', 'image', 'An edit needs at least one image, in `image`.');
  }
  const { response_format: format, stream } = parsed.data;
  return { task: taskOf(parsed.data, images), answer: { format: stream ? 'b64_json' : format, stream } };
}

function taskOf(body: z.infer<typeof ImagesBody>, images: GivenImage[]): TaskRequest {
  return {
    model: body.model,
    prompt: body.prompt,
    task_type: images.length > 0 ? 'image2image' : 'text2image',
    images,
    aspect_ratio: ratioOf(body.size, aspectRatioOf(body.aspect_ratio)),
    output_format: outputFormatOf(body.output_format),
    n: body.n,
    ...readOffered(body),
  };
}

/** The ratio that `size` or `aspect_ratio` asks for. @throws Problem `size_not_supported` naming what comes nearest */
function ratioOf(size: string | undefined, ratio: string | null): string | null {
  if (size === undefined || size === 'auto') return ratio;
  const found = ratiosOfSize(size);
  if (!found) {
    const message = '`size` must be `auto` or WIDTHxHEIGHT, such as `1024x1024`; or use `aspect_ratio`.';
    throw fieldProblem('size_not_supported', 'size', message);
  }
  if (!found.exact) {
    const message = `The models draw no ${size}. The nearest ratios are ${found.ratio} and ${found.second}: send one of them as \`aspect_ratio\`.`;
    throw fieldProblem('size_not_supported', 'size', message);
  }
  if (ratio !== null && ratio !== found.ratio) {
    const message = `\`size\` says ${found.ratio} and \`aspect_ratio\` ${ratio}; use only one of them.`;
    throw fieldProblem('size_not_supported', 'size', message);
  }
  return found.ratio;
}
