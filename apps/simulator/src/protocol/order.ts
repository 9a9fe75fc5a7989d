import type { Behaviour } from '../behaviour/directives.ts';
import type { SubmissionBody } from './body.ts';
import { type AspectRatio, aspectRatios, type Model, type OutputFormat } from './models.ts';
import { type Reference, readReferences } from './reference.ts';
import { Refused } from './refusal.ts';

/** A submission that passed every rule of the vendor. `prompt` is free of directives. */
export type Order = {
  model: Model;
  prompt: string;
  taskType: 'text2image' | 'image2image';
  aspectRatio: AspectRatio;
  outputFormat: OutputFormat;
  n: number;
  inline: boolean;
  references: Reference[];
};

const invalid = (message: string) => new Refused(400, 'invalid_request', message);

/**
 * Judges a submission as the vendor would.
 * @param prompt  the prompt without directives
 * @throws Refused 400 naming the rule that was broken
 */
export function readOrder(
  body: SubmissionBody,
  prompt: string,
  models: ReadonlyMap<string, Model>,
  behaviour: Behaviour,
): Order {
  const { fields } = body;
  const model = readModel(fields.model, models);
  if (typeof fields.prompt !== 'string' || fields.prompt.trim() === '') throw invalid('prompt is required');
  if (given(fields.size))
    throw new Refused(400, 'size_not_supported', `size is not used by ${model.id}; use aspect_ratio`);
  const references = readReferences(body);
  return {
    model,
    prompt,
    taskType: readTaskType(fields.task_type, references.length > 0),
    aspectRatio: readRatio(fields.aspect_ratio),
    outputFormat: readFormat(fields.output_format, model),
    n: readN(fields.n, model, behaviour.n),
    inline: readResponseFormat(fields.response_format),
    references,
  };
}

const given = (value: unknown) => value !== undefined && value !== null && value !== '';

function readModel(value: unknown, models: ReadonlyMap<string, Model>): Model {
  if (typeof value !== 'string' || value === '') throw invalid('model is required');
  const model = models.get(value);
  if (!model) throw new Refused(400, 'model_not_enabled', `model ${value} is not enabled for this account`);
  return model;
}

function readTaskType(value: unknown, hasImages: boolean): Order['taskType'] {
  const inferred = hasImages ? 'image2image' : 'text2image';
  if (!given(value)) return inferred;
  if (value !== 'text2image' && value !== 'image2image') throw invalid('task_type is text2image or image2image');
  if (value === 'image2image' && !hasImages) throw new Refused(400, 'image_required', 'image2image needs an image');
  if (value === 'text2image' && hasImages) throw new Refused(400, 'image_not_allowed', 'text2image takes no image');
  return value;
}

function readRatio(value: unknown): AspectRatio {
  if (!given(value)) return '1:1';
  const ratio = aspectRatios.find((known) => known === value);
  if (!ratio) throw new Refused(400, 'invalid_aspect_ratio', `aspect_ratio is one of ${aspectRatios.join(', ')}`);
  return ratio;
}

function readFormat(value: unknown, model: Model): OutputFormat {
  if (!given(value)) return 'png';
  const format = model.formats.find((known) => known === value);
  if (!format)
    throw new Refused(400, 'unsupported_output_format', `${model.id} writes ${model.formats.join(', ')}, not ${value}`);
  return format;
}

function readN(value: unknown, model: Model, habit: Behaviour['n']): number {
  if (!given(value)) return 1;
  const n = Number(value);
  if (!Number.isInteger(n) || n < 1 || n > model.maxN)
    throw new Refused(400, 'n_out_of_range', `n is 1 to ${model.maxN} for ${model.id}`);
  if (habit === 'refused' && n > 1) throw new Refused(400, 'n_not_supported', `${model.id} does not support n`);
  return habit === 'ignored' ? 1 : n;
}

function readResponseFormat(value: unknown): boolean {
  if (!given(value) || value === 'url') return false;
  if (value === 'b64_json') return true;
  throw invalid('response_format is url or b64_json');
}
