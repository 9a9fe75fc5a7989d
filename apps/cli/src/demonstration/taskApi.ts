import { request } from 'undici';
import { z } from 'zod';
import { CannotGoOn } from '../cannotGoOn.ts';
import type { Clock } from '../processes/clock.ts';

const Picture = z.object({
  url: z.string(),
  media_type: z.string(),
  bytes: z.number(),
  width: z.number(),
  height: z.number(),
  sha256: z.string(),
});

const Task = z.object({
  task_id: z.string(),
  status: z.string(),
  progress: z.string(),
  metadata: z.object({ images: z.array(Picture).nullish() }),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});

/** One stored picture, as a client is told of it. */
export type Picture = z.infer<typeof Picture>;
/** A task as a client sees it; the part of it that the demonstration looks at. */
export type Task = z.infer<typeof Task>;

const Answer = z.object({ code: z.string(), message: z.string(), data: z.unknown() });

/** The API said no, for good. */
export class Refused extends Error {
  override name = 'Refused';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** How often a call is tried again while the API is away or answers 503 or 429, and how long it may ask to wait. */
const tries = 60;
const longestWait_ms = 10_000;
const usualWait_ms = 1000;

/** A picture is at most MAX_RESULT_BYTES; an API that hangs must not hang the demonstration. */
const answer_ms = 60_000;

export interface TaskApiOptions {
  /** Where the API is called, without a slash at the end. */
  baseUrl: string;
  /** What its URLs begin with, which may not be reachable from here: PUBLIC_BASE_URL. */
  publicBaseUrl: string;
  apiKey: string;
  clock: Pick<Clock, 'pause'>;
  signal: AbortSignal;
}

/** The native entry, as far as the demonstration needs it. Each call waits politely while the API cannot answer. */
export function taskApi({ baseUrl, publicBaseUrl, apiKey, clock, signal }: TaskApiOptions) {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };

  async function call(url: string, options: { method?: 'GET' | 'POST'; headers?: object; body?: string } = {}) {
    for (let attempt = 1; ; attempt++) {
      const answer = await ask(url, options);
      if (answer && answer.status !== 503 && answer.status !== 429) return answer;
      if (attempt === tries) throw new CannotGoOn(`The API at ${baseUrl} does not answer (tried ${tries} times).`);
      await clock.pause(Math.min(answer?.retryAfter_ms ?? usualWait_ms, longestWait_ms), signal);
    }
  }

  /** @returns undefined where the connection failed: the API may be on its way up again */
  async function ask(url: string, { method = 'GET', ...options }: Parameters<typeof call>[1] & object) {
    try {
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(answer_ms)]);
      const { statusCode, headers: said, body } = await request(url, { method, signal: bounded, ...options } as object);
      const seconds = Number(said['retry-after']);
      const retryAfter_ms = seconds > 0 ? seconds * 1000 : undefined;
      return { status: statusCode, retryAfter_ms, bytes: Buffer.from(await body.arrayBuffer()) };
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  }

  function readTask({ status, bytes }: { status: number; bytes: Buffer }): Task {
    const answer = Answer.safeParse(json(bytes));
    if (!answer.success) throw new Refused('unreadable', `HTTP ${status}, no answer of the native entry`);
    if (status !== 200) throw new Refused(answer.data.code, answer.data.message);
    return Task.parse(answer.data.data);
  }

  return {
    /** Creates a task; the key makes a repeat harmless. @throws Refused with the API's code */
    create: async (body: object, idempotencyKey: string): Promise<Task> => {
      const withKey = { ...headers, 'idempotency-key': idempotencyKey };
      return readTask(
        await call(`${baseUrl}/v1/images/tasks`, { method: 'POST', headers: withKey, body: JSON.stringify(body) }),
      );
    },
    /** @throws Refused with the API's code */
    query: async (id: string): Promise<Task> => readTask(await call(`${baseUrl}/v1/images/tasks/${id}`, { headers })),
    /** Fetches a stored picture by its signed URL. @throws Refused when it is not there */
    download: async (url: string): Promise<Buffer> => {
      const here = url.startsWith(`${publicBaseUrl}/`) ? baseUrl + url.slice(publicBaseUrl.length) : url;
      const { status, bytes } = await call(here);
      if (status !== 200) throw new Refused('no_picture', `HTTP ${status} for ${url}`);
      return bytes;
    },
  };
}

export type TaskApi = ReturnType<typeof taskApi>;

function json(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
