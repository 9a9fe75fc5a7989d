import { batchStatuses } from '@darkroom/shared/batches';
import { taskStatuses } from '@darkroom/shared/tasks';
import { z } from 'zod';

const time = z.iso.datetime();
const seconds = z.number().int().nullable();
const money = z.string().regex(/^\d+\.\d{4,}$/);

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
  progress: z.string(),
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

const envelope = <T extends z.ZodType>(data: T) =>
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

const Model = z.object({ id: z.string(), object: z.literal('model'), created: z.number(), owned_by: z.string() });
const listOf = <T extends z.ZodType>(item: T) => z.object({ object: z.literal('list'), data: z.array(item) });
const pageOf = <T extends z.ZodType>(item: T) =>
  listOf(item).extend({ has_more: z.boolean(), first_id: z.string().nullable(), last_id: z.string().nullable() });

/** `/v1/models` speaks OpenAI's words, or Google's to Google's client. */
const GeminiModel = z.object({
  name: z.string(),
  displayName: z.string(),
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
  usageMetadata: z.object({}),
  modelVersion: z.string(),
  responseId: z.string(),
});

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
    eta_seconds: seconds,
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

const Channel = z.object({
  id: z.string(),
  state: z.enum(['closed', 'open', 'half_open', 'paused']),
  reason: z.string().nullable(),
  until: z.string().nullable(),
  in_flight: z.number().int(),
  waiting: z.number().int(),
  max_in_flight: z.number().int(),
  submits_per_minute: z.number(),
});
export const ChannelAnswer = Channel;
export const ChannelsAnswer = z.object({ channels: z.array(Channel) });
export const ListedAnswer = z.object({}).catchall(z.unknown());
export const HealthAnswer = z.object({ status: z.string() });
export const ReadyAnswer = z.object({ status: z.string(), checks: z.object({}).catchall(z.unknown()) });

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
