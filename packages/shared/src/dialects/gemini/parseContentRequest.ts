import { z } from 'zod';
import { fieldProblem, Problem } from '../../errors/index.ts';
import { imagesMax } from '../givenImage.ts';
import { aspectRatioOf, offered, outputFormatOf, readOffered } from '../taskFields.ts';
import type { GivenImage, TaskRequest } from '../taskRequest.ts';
import { zodProblem } from '../zodProblem.ts';
import { modelOf, sizesOf } from './aliases.ts';
import { camelCased } from './camelCased.ts';
import { type Content, Contents, readContents } from './contents.ts';

const Name = z.string().max(100);
const ignored = z.unknown().optional().describe('taken, without effect');

/** What chooses among pictures, or bounds a text that is never written: taken, without effect. */
const harmless = Object.fromEntries(
  ['temperature', 'topP', 'topK', 'maxOutputTokens', 'stopSequences', 'seed', 'presencePenalty', 'frequencyPenalty']
    .concat(['thinkingConfig', 'mediaResolution', 'responseLogprobs', 'logprobs', 'enableEnhancedCivicAnswers'])
    .map((name) => [name, ignored]),
);

const ImageConfig = z.strictObject({
  aspectRatio: z.string().max(20).optional(),
  imageSize: z.string().max(10).optional(),
  outputFormat: z.string().max(20).optional(),
  outputMimeType: z.string().max(40).optional(),
  imageOutputOptions: z.strictObject({ mimeType: z.string().max(40).optional() }).optional(),
  personGeneration: ignored,
});

const GenerationConfig = z.strictObject({
  ...harmless,
  candidateCount: z.number().optional(),
  responseModalities: z.array(Name).max(10).optional(),
  responseMimeType: Name.optional(),
  imageConfig: ImageConfig.optional(),
});

const never = (why: string) => z.never(why).optional().describe(`refused: ${why}`);

/** A request of generateContent. Source: Google's Gemini API reference; the names are camel-cased before. */
export const ContentBody = z.strictObject({
  contents: Contents,
  generationConfig: GenerationConfig.optional(),
  systemInstruction: Contents.optional(),
  safetySettings: ignored,
  model: ignored,
  serviceTier: ignored,
  store: ignored,
  toolConfig: ignored,
  tools: z.array(z.never('the models take no tools')).optional().describe('refused, unless it is empty'),
  cachedContent: never('there is no cache; send the content itself'),
  webhookUrl: offered.webhook_url,
  webhookEvents: offered.webhook_events,
  webhookMetadata: offered.webhook_metadata,
  deadlineSeconds: offered.deadline_seconds,
  priority: offered.priority,
  labels: offered.labels,
});

/**
 * Parses the body of `models/{model}:generateContent`. A member that is null counts as absent.
 * @param name  the model in the path, by our name or Google's
 * @throws Problem naming the field, what was wrong and what would be right
 */
export function parseContentRequest(name: string, json: unknown): TaskRequest {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new Problem('invalid_request', 'The body must be a JSON object with `contents`.');
  }
  const parsed = ContentBody.safeParse(camelCased(json));
  if (!parsed.success) throw zodProblem(parsed.error);
  const { contents, systemInstruction = [], generationConfig = {}, ...body } = parsed.data;
  const { imageConfig = {}, candidateCount = 1 } = generationConfig;
  demandPictures(generationConfig.responseModalities);
  const { prompt, images } = promptOf([...systemInstruction, ...contents]);
  const { aspectRatio, imageSize, outputFormat, ...asked } = imageConfig;
  const format = outputFormat ?? asked.outputMimeType ?? asked.imageOutputOptions?.mimeType;
  return {
    model: demandModel(name, imageSize),
    prompt,
    task_type: images.length > 0 ? 'image2image' : 'text2image',
    images,
    aspect_ratio: aspectRatioOf(aspectRatio, 'generationConfig.imageConfig.aspectRatio'),
    output_format: outputFormatOf(format?.replace(/^image\//i, '')),
    n: candidateCount,
    ...readOffered({
      webhook_url: body.webhookUrl,
      webhook_events: body.webhookEvents,
      webhook_metadata: body.webhookMetadata,
      deadline_seconds: body.deadlineSeconds,
      priority: body.priority,
      labels: body.labels,
    }),
  };
}

function promptOf(contents: Content[]): { prompt: string; images: GivenImage[] } {
  const { prompt, images } = readContents(contents);
  if (prompt === '')
    throw fieldProblem('invalid_request', 'contents', '`contents` must hold a text that says what to draw.');
  if (prompt.length > 32_000) {
    throw fieldProblem('invalid_request', 'contents', 'The texts of `contents` may have at most 32000 characters.');
  }
  if (images.length > imagesMax) {
    throw fieldProblem('invalid_request', 'contents', `\`contents\` may hold at most ${imagesMax} images.`);
  }
  return { prompt, images };
}

function demandPictures(modalities: string[] | undefined): void {
  if (!modalities || modalities.length === 0 || modalities.some((one) => one.toUpperCase() === 'IMAGE')) return;
  const field = 'generationConfig.responseModalities';
  throw fieldProblem(
    'invalid_request',
    field,
    'The models answer with pictures: `responseModalities` must hold IMAGE.',
  );
}

function demandModel(name: string, imageSize: string | undefined): string {
  const model = modelOf(name, imageSize);
  const sizes = sizesOf(name);
  const fits = imageSize === undefined || sizes.length > 0 || imageSize.toUpperCase() === '1K';
  if (model !== undefined && fits) return model;
  const field = 'generationConfig.imageConfig.imageSize';
  throw fieldProblem(
    'invalid_request',
    field,
    `\`imageSize\` must be one of ${sizes.join(', ') || '1K'} for this model.`,
  );
}
