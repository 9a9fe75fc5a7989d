import type { PublicTask } from '@darkroom/shared/tasks';

export type Answer<T = unknown> = { status: number; headers: Headers; body: T };
export type Envelope<T> = { code: string; message: string; data: T; errors?: { field: string; message: string }[] };

/** A client of the native entry, as a program of a user would be. */
export type Client = {
  request<T = Envelope<PublicTask>>(method: string, path: string, options?: RequestOptions): Promise<Answer<T>>;
  /** Posts a task. @throws Error with the answer when it was not taken in */
  submit(request: object, headers?: Record<string, string>): Promise<PublicTask>;
  get(id: string): Promise<PublicTask>;
  /** The task once it has ended. @throws Error when it has not within 20 s */
  finished(id: string): Promise<PublicTask>;
  cancel(id: string): Promise<Answer<Envelope<PublicTask>>>;
};

type RequestOptions = { json?: unknown; body?: string | Uint8Array<ArrayBuffer>; headers?: Record<string, string> };

/** Longest a test waits for a task's end: below the test's own time limit, so that the task is shown. */
const finishWithinMs = 20_000;

export function createClient(url: () => string, key: string): Client {
  const request: Client['request'] = async (method, path, { json, body, headers = {} } = {}) => {
    const response = await fetch(url() + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: json === undefined ? body : JSON.stringify(json),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parse(text) as never };
  };
  const get = async (id: string, wait = 0) => {
    const { status, body } = await request('GET', `/v1/images/tasks/${id}?wait=${wait}`);
    if (status !== 200) throw new Error(`query answered ${status}: ${JSON.stringify(body)}`);
    return body.data;
  };
  return {
    request,
    get,
    async submit(task, headers) {
      const { status, body } = await request('POST', '/v1/images/tasks', { json: task, headers });
      if (status !== 200) throw new Error(`create answered ${status}: ${JSON.stringify(body)}`);
      return body.data;
    },
    async finished(id) {
      const until = Date.now() + finishWithinMs;
      for (;;) {
        const task = await get(id, 10);
        if (!['queued', 'in_progress'].includes(task.status)) return task;
        if (Date.now() > until) throw new Error(`still not ended: ${JSON.stringify(task)}`);
      }
    },
    cancel: (id) => request('POST', `/v1/images/tasks/${id}/cancel`),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
