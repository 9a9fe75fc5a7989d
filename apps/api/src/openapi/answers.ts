import { taskStatuses } from '@darkroom/shared/tasks';
import { z } from 'zod';

const time = z.iso.datetime();
/** a decimal string */
export const money = z
  .string()
  .regex(/^\d+\.\d{4,}$/)
  .meta({ examples: ['0.0390'] });

const Image = z.object({
  url: z.url(),
  media_type: z.enum(['image/png', 'image/jpeg', 'image/webp']),
  bytes: z.number().int(),
  width: z.number().int(),
  height: z.number().int(),
  sha256: z.string(),
});

export const Task = z.object({
  task_id: z.string(),
  status: z.enum(taskStatuses),
  progress: z.string().meta({ examples: ['100%'] }),
  result_url: z.url().nullable(),
  result_urls: z.array(z.url()),
  metadata: z.object({
    task_type: z.enum(['text2image', 'image2image']),
    result_count: z.number().int(),
    model: z.string(),
    channel: z.string(),
    attempts: z.number().int(),
    possibly_duplicated: z.boolean(),
    labels: z.record(z.string(), z.string()),
    cost: z.object({ estimated: money, actual: money.nullable(), currency: z.string() }),
    timings: z.object({
      created_at: time,
      submitted_at: time.nullable(),
      finished_at: time.nullable(),
      queued_ms: z.number().nullable(),
      upstream_ms: z.number().nullable(),
      total_ms: z.number().nullable(),
    }),
    images: z.array(Image),
  }),
  error: z
    .object({
      code: z.string(),
      message: z.string(),
      retryable: z.boolean(),
      upstream: z
        .object({ status: z.number().nullable(), code: z.string().nullable(), message: z.string().nullable() })
        .nullable(),
    })
    .nullable(),
});

export const envelope = <T extends z.ZodType>(data: T) =>
  z.object({ code: z.literal('success'), message: z.literal(''), data });

export const TaskAnswer = envelope(Task);
export const TaskListAnswer = envelope(
  z.object({ items: z.array(Task), has_more: z.boolean(), next_cursor: z.string().nullable() }),
);
export const DeletedTaskAnswer = envelope(z.object({ task_id: z.string(), deleted: z.literal(true) }));

export const ImagesAnswer = z.object({
  created: z.number().int(),
  data: z.array(z.union([z.object({ url: z.url() }), z.object({ b64_json: z.string() })])),
});

const tokens = z.number().int();
/** An event of a streamed answer: one picture. */
export const ImageEvent = z.object({
  type: z.enum(['image_generation.completed', 'image_edit.completed']),
  b64_json: z.string(),
  created_at: z.number().int(),
  size: z.string(),
  output_format: z.enum(['png', 'jpeg', 'webp']),
  background: z.literal('opaque'),
  quality: z.literal('auto'),
  usage: z.object({
    input_tokens: tokens,
    input_tokens_details: z.object({ image_tokens: tokens, text_tokens: tokens }),
    output_tokens: tokens,
    total_tokens: tokens,
  }),
});

const Model = z.object({ id: z.string(), object: z.literal('model'), created: z.number(), owned_by: z.string() });
export const listOf = <T extends z.ZodType>(item: T) => z.object({ object: z.literal('list'), data: z.array(item) });

/** `/v1/models` speaks OpenAI's words, or Google's to Google's client. */
const GeminiModel = z.object({
  name: z.string(),
  baseModelId: z.string(),
  version: z.string(),
  displayName: z.string(),
  description: z.string(),
  inputTokenLimit: z.number().int(),
  outputTokenLimit: z.number().int(),
  supportedGenerationMethods: z.array(z.string()),
});
export const GeminiModelAnswer = GeminiModel;
export const GeminiModelsAnswer = z.object({ models: z.array(GeminiModel) });
export const ModelAnswer = z.union([Model, GeminiModel]);
export const ModelsAnswer = z.union([listOf(Model), GeminiModelsAnswer]);

export const ContentAnswer = z.object({
  candidates: z
    .array(
      z.object({
        content: z.object({
          role: z.literal('model'),
          parts: z.array(z.object({ inlineData: z.object({ mimeType: z.string(), data: z.string() }) })),
        }),
        finishReason: z.literal('STOP'),
        index: z.number().int(),
      }),
    )
    .optional(),
  promptFeedback: z.object({ blockReason: z.string(), blockReasonMessage: z.string() }).optional(),
  usageMetadata: z.object({
    promptTokenCount: z.number().int(),
    candidatesTokenCount: z.number().int(),
    totalTokenCount: z.number().int(),
  }),
  modelVersion: z.string(),
  responseId: z.string(),
});

export const errorShapes = {
  native: z.object({
    code: z.string(),
    message: z.string(),
    data: z.null(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })),
  }),
  openai: z.object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string().nullable(),
    }),
  }),
  gemini: z.object({
    error: z.object({ code: z.number(), message: z.string(), status: z.string(), details: z.array(z.unknown()) }),
  }),
};
