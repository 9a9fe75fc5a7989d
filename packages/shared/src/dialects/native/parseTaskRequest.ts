import { z } from 'zod';
import { aspectRatios, ratiosOfSize } from '../../channels/index.ts';
import { fieldProblem, Problem } from '../../errors/index.ts';
import {
  AspectRatio,
  aspectRatioOf,
  Count,
  Model,
  OutputFormat,
  offered,
  outputFormatOf,
  Prompt,
  readOffered,
  references,
} from '../taskFields.ts';
import type { GivenImage, TaskRequest } from '../taskRequest.ts';
import { zodProblem } from '../zodProblem.ts';
import { parseImages } from './parseImages.ts';

/** The fields of a native request but the images, which have a parser of their own. */
export const TaskBody = z.strictObject({
  model: Model,
  prompt: Prompt,
  task_type: z.enum(['text2image', 'image2image']).optional(),
  aspect_ratio: AspectRatio.optional(),
  output_format: OutputFormat.optional(),
  n: Count,
  response_format: z.literal('url', 'must be `url`: this entry answers with URLs').optional(),
  ...offered,
  // Read by parseImages.
  ...references(),
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
  const parsed = TaskBody.safeParse(given);
  if (!parsed.success) throw zodProblem(parsed.error);
  const body = parsed.data;
  return {
    model: body.model,
    prompt: body.prompt,
    task_type: taskTypeOf(body.task_type, images),
    images,
    aspect_ratio: aspectRatioOf(body.aspect_ratio),
    output_format: outputFormatOf(body.output_format),
    n: body.n,
    ...readOffered(body),
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

function sizeProblem(size: unknown): Problem {
  const found = typeof size === 'string' ? ratiosOfSize(size) : undefined;
  const hint = found
    ? `use \`aspect_ratio: "${found.ratio}"\`${found.exact ? '' : ' (the nearest there is)'}`
    : `use \`aspect_ratio\`, one of ${aspectRatios.join(', ')}`;
  return fieldProblem('size_not_supported', 'size', `\`size\` does not control these models; ${hint}.`);
}
