import { z } from 'zod';

const number = (min: number, max: number) => z.coerce.number().min(min).max(max);
const integer = (min: number, max: number) => number(min, max).int();
const seconds = (fallback: number, max = 86_400) => number(0.001, max).default(fallback);
const boolean = z.enum(['true', 'false']).transform((text) => text === 'true');
const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
  .transform((url) => url.replace(/\/+$/, ''));
const redisUrl = z
  .string()
  .regex(/^rediss?:\/\/[^,\s]+(,\s*rediss?:\/\/[^,\s]+)*$/, 'must be a redis:// or rediss:// URL');

/**
 * Every variable that the processes understand, its default and what it is for. `docs/configuration.md` and
 * `.env.example` are held equal to this table by a test.
 */
export const Variables = z.object({
  PORT: integer(0, 65_535).default(8080).describe('port of the API; 0 takes any free one'),
  HOST: z.string().default('127.0.0.1').describe('address the API listens on; `0.0.0.0` in a container'),
  REDIS_URL: redisUrl.describe(
    'Redis that holds queues and records; several comma-separated URLs are the nodes of a cluster',
  ),
  REDIS_CLUSTER: boolean.default(false).describe('whether `REDIS_URL` is a Redis Cluster, even when it names one node'),
  REQUIRE_DURABLE_REDIS: boolean.default(false).describe('refuse to start on a Redis that could lose accepted work'),
  ACK_DURABILITY: z
    .enum(['none', 'fsync'])
    .default('none')
    .describe(
      'when a task counts as kept: once Redis has it, or once Redis has it on disk (`fsync`, needs Redis 7.2 or newer)',
    ),
  QUEUE_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'must be 1-32 characters of a-z, 0-9 and -')
    .default('dr')
    .describe('first part of every key in Redis; lets installations share one'),
  API_KEYS: z
    .string()
    .optional()
    .describe('clients, comma-separated `name:sk-…`; secrets of at least 22 characters after `sk-`'),
  KEYS_FILE: z
    .string()
    .optional()
    .describe('JSON file of clients with weights and limits; beside or instead of `API_KEYS`'),
  LIMIT_REQUESTS_PER_MINUTE: integer(0, 10_000_000)
    .default(0)
    .describe('requests a minute of a key that says nothing of it in `KEYS_FILE`; 0: no limit'),
  LIMIT_OPEN_TASKS: integer(0, 10_000_000)
    .default(0)
    .describe('unfinished tasks of a key that says nothing of it in `KEYS_FILE`; 0: no limit'),
  ADMIN_PASSWORD: z.string().optional().describe('password of `admin` for `/admin`; unset: `/admin` does not exist'),
  ADMIN_BOARD_WRITE: boolean.default(false).describe('whether Bull Board may change jobs'),
  SIGNING_KEYS: z
    .string()
    .describe('keys that sign picture URLs, comma-separated `id:secret`; the first signs, all verify'),
  PUBLIC_BASE_URL: httpUrl.optional().describe('where clients reach the API; default `http://127.0.0.1:PORT`'),
  FILE_URL_LIFETIME_SECONDS: seconds(86_400, 31_536_000).describe('how long a picture URL is good for, at least'),
  STORAGE_DIR: z.string().default('.darkroom/storage').describe('directory of the pictures when no S3 bucket is set'),
  STORAGE_S3_BUCKET: z.string().optional().describe('S3-compatible bucket for the pictures, instead of `STORAGE_DIR`'),
  STORAGE_S3_REGION: z.string().default('us-east-1').describe('region of the bucket'),
  STORAGE_S3_ENDPOINT: httpUrl.optional().describe('endpoint of an S3-compatible store; unset means AWS'),
  STORAGE_S3_ACCESS_KEY_ID: z.string().optional().describe("access key; unset uses the machine's own credentials"),
  STORAGE_S3_SECRET_ACCESS_KEY: z.string().optional().describe('secret of the access key'),
  STORAGE_S3_FORCE_PATH_STYLE: boolean.default(true).describe('`host/bucket/key` instead of `bucket.host/key`'),
  UPSTREAM_BASE_URL: httpUrl.optional().describe('base URL of the upstream, for the one channel `default`'),
  UPSTREAM_API_KEY: z.string().optional().describe('key of the upstream account; only the worker reads it'),
  UPSTREAM_MAX_IN_FLIGHT: integer(1, 1_000_000).default(200).describe('most tasks in flight at the upstream'),
  UPSTREAM_SUBMITS_PER_MINUTE: number(0, 10_000_000).default(600).describe('most submissions a minute; 0: no limit'),
  UPSTREAM_PRICE_PER_IMAGE: z
    .string()
    .regex(/^\d+(\.\d{1,8})?$/, 'must be a decimal such as 0.0390')
    .default('0')
    .describe('price of one picture, in USD'),
  UPSTREAM_INPUTS: z
    .enum(['url', 'data_uri', 'multipart'])
    .default('url')
    .describe('how reference images reach the upstream'),
  AMBIGUOUS_SUBMIT: z
    .enum(['retry', 'fail'])
    .default('retry')
    .describe('what follows a submission whose outcome is unknown: submit again and say so, or fail the task'),
  CHANNELS_FILE: z
    .string()
    .optional()
    .describe('JSON file of channels and models, instead of the `UPSTREAM_…` variables'),
  UPSTREAM_CONNECT_TIMEOUT_SECONDS: seconds(5).describe('longest wait for a connection to the upstream'),
  UPSTREAM_HEADERS_TIMEOUT_SECONDS: seconds(60).describe('longest wait for the upstream to begin its answer'),
  UPSTREAM_BODY_TIMEOUT_SECONDS: seconds(30).describe('longest silence within an answer'),
  UPSTREAM_RESULT_ALLOW_HTTP: boolean.default(false).describe('whether result URLs may be plain http'),
  UPSTREAM_RESULT_ALLOWED_CIDRS: z.string().default('').describe('private networks that result URLs may point into'),
  REFERENCE_ALLOW_HTTP: boolean.default(false).describe('whether reference images may be plain http'),
  REFERENCE_ALLOWED_CIDRS: z.string().default('').describe('private networks that reference images may come from'),
  WEBHOOK_ALLOW_HTTP: boolean.default(false).describe('whether webhook receivers may be plain http'),
  WEBHOOK_ALLOWED_CIDRS: z.string().default('').describe('private networks that webhook receivers may be in'),
  WEBHOOK_SCHEDULE_SECONDS: z
    .string()
    .regex(/^\d+(\.\d+)?(,\s*\d+(\.\d+)?)*$/, 'must be comma-separated seconds')
    .default('0,5,60,300,1800,7200,18000,36000,36000')
    .describe('pauses before the tries of a delivery; as many tries as numbers'),
  WEBHOOK_TIMEOUT_SECONDS: seconds(15, 120).describe('longest that a receiver may take to answer, in all'),
  EGRESS_ALLOWED_PORTS: z
    .string()
    .regex(/^\d{1,5}(,\s*\d{1,5})*$/, 'must be comma-separated port numbers')
    .default('80,443')
    .describe('ports that URLs of others may name'),
  EGRESS_PROXY_URL: httpUrl.optional().describe('a proxy that checks and carries every request to URLs of others'),
  MAX_RESULT_BYTES: integer(1024, 2 ** 32)
    .default(64 * 2 ** 20)
    .describe('largest picture taken from the upstream'),
  MAX_IMAGE_BYTES: integer(1024, 2 ** 30)
    .default(20 * 2 ** 20)
    .describe('largest reference image'),
  MAX_BODY_BYTES: integer(1024, 2 ** 30)
    .default(64 * 2 ** 20)
    .describe('largest request body'),
  DOWNLOAD_TRIES: integer(1, 100).default(5).describe('tries of a download before the task fails `result_unavailable`'),
  NOT_FOUND_GRACE_SECONDS: seconds(60).describe('how long after its submission a task may be unknown to the upstream'),
  MAX_ATTEMPTS: integer(1, 100).default(3).describe('submissions of a part before its task fails'),
  MAX_STARTS: integer(1, 1000)
    .default(5)
    .describe('starts of a part without its worker living to report, before it is set aside'),
  DEADLINE_SECONDS: seconds(3600, 7 * 86_400).describe('how long a task may take in all, unless its request says'),
  RETRY_BACKOFF_SECONDS: seconds(1, 600).describe(
    'first pause before a submission or download is tried again; it doubles',
  ),
  POLL_SCHEDULE: z
    .enum(['computed', 'fixed'])
    .default('computed')
    .describe(
      'when tasks are polled: at the best times by how long others have lately taken, or (`fixed`) each time after a tenth of the time passed so far',
    ),
  POLL_TARGET_DELAY_SECONDS: seconds(1, 600).describe(
    'how late the computed schedule notices ends, on average; less costs more polls',
  ),
  POLL_MIN_SECONDS: seconds(1, 60).describe('shortest pause between two polls of a task'),
  POLL_MAX_SECONDS: seconds(60, 600).describe(
    'longest pause between two polls of a task, unless the upstream asks for more; as long as the shortest: a fixed interval',
  ),
  CIRCUIT_FAILURES: integer(1, 1000).default(5).describe("failures in a row that open a channel's circuit"),
  CIRCUIT_COOLDOWN_SECONDS: seconds(30).describe(
    'how long a circuit stays open at first; it doubles up to 10 times that',
  ),
  WORKER_CONCURRENCY: integer(1, 10_000)
    .default(2000)
    .describe('most tasks in flight in one worker process and channel'),
  LOCK_SECONDS: number(1, 600).default(10).describe("how long a worker's right to a job outlives its last renewal"),
  STALLED_CHECK_SECONDS: number(0.5, 600).default(3).describe('how often workers look for jobs of dead workers'),
  SWEEP_INTERVAL_SECONDS: number(0.1, 86_400)
    .default(60)
    .describe('how often what a crash left half done is looked for and mended'),
  TASK_RETENTION_DAYS: number(0.00001, 36_500)
    .default(30)
    .describe('how long after its end a task is kept: its pictures, inputs, manifest and record'),
  RECORD_RETENTION_HOURS: number(0.0001, 876_000)
    .default(72)
    .describe("how long after its end a task's record stays in Redis; its manifest in storage answers afterwards"),
  SYNC_WAIT_SECONDS: number(0, 280)
    .default(120)
    .describe(
      'how long the OpenAI and Gemini entries hold an answer until the pictures are there; then 504, and the task goes on',
    ),
  DRAIN_SECONDS: number(0, 300)
    .default(5)
    .describe('how long a terminated API serves on after it has failed readiness'),
  METRICS_PORT: integer(0, 65_535)
    .optional()
    .describe('port on `HOST` that serves `/metrics` without a password; 0 takes any free one; unset: none'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('what is logged'),
});
export type Variables = z.infer<typeof Variables>;

/** Variables for which an empty text says something: an empty list, or a secret that must not be empty. */
const emptyMatters = new Set([
  'API_KEYS',
  'ADMIN_PASSWORD',
  'UPSTREAM_API_KEY',
  'UPSTREAM_RESULT_ALLOWED_CIDRS',
  'REFERENCE_ALLOWED_CIDRS',
  'WEBHOOK_ALLOWED_CIDRS',
]);

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment without variables that are set to nothing, as `VAR=${VAR:-}` in a compose file leaves them. */
export function withoutEmpty(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => value !== '' || emptyMatters.has(name)));
}
