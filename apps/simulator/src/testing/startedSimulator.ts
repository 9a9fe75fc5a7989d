import { test as base } from 'vitest';
import { createSimulator, type Simulator, type SimulatorOptions } from '../simulator.ts';

/** A clock that stands still until a test moves it. */
export type Clock = { now: () => number; advance(ms: number): void };

export type TaskData = {
  task_id: string;
  status: string;
  progress?: string;
  result_url: string | null;
  metadata: Record<string, unknown>;
  error: { code: string; message: string } | string | null;
} & Record<string, unknown>;

export type Envelope = { code: string; message: string; data: TaskData };

/** Speaks the protocol to a simulator. `body` is JSON unless it is a FormData; every answer is read whole. */
export type Client = {
  submit(body: object | FormData, headers?: Record<string, string>): Promise<Answer>;
  query(id: string, headers?: Record<string, string>): Promise<Answer>;
  cancel(id: string): Promise<Answer>;
  /** Submits a prompt and returns the upstream's task id. @throws Error when it was not accepted */
  accepted(prompt: string, more?: object): Promise<string>;
};

export type Answer = { status: number; headers: Headers; text: string; body: Envelope };

export const testKey = 'sk-test-0';
export const model = 'NanoBanana2-0.5K';

function clientOf(simulator: Simulator): Client {
  const call = async (method: string, path: string, headers: Record<string, string>, body?: object | FormData) => {
    const form = body instanceof FormData;
    const response = await fetch(`${simulator.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${testKey}`,
        ...(body === undefined || form ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  };
  const submit = (body: object | FormData, headers = {}) => call('POST', '/v1/images/tasks', headers, body);
  return {
    submit,
    query: (id, headers = {}) => call('GET', `/v1/images/tasks/${id}`, headers),
    cancel: (id) => call('POST', `/v1/images/tasks/${id}/cancel`, {}),
    async accepted(prompt, more = {}) {
      const answer = await submit({ model, prompt, ...more });
      if (answer.status !== 200) throw new Error(`not accepted: ${answer.text}`);
      return answer.body.data.task_id;
    },
  };
}

function parsed(text: string): Envelope {
  try {
    return JSON.parse(text);
  } catch {
    return { code: 'unreadable', message: '', data: {} as TaskData };
  }
}

type Fixtures = { clock: Clock; options: SimulatorOptions; simulator: Simulator; client: Client };

/** A test with a simulator of its own on a free port, tiny pictures, two keys, seed 1 and a clock that stands still. */
export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixtures a fixture needs from this pattern
  clock: async ({}, use) => {
    let now = 1_700_000_000_000;
    await use({
      now: () => now,
      advance(ms) {
        now += ms;
      },
    });
  },
  options: {},
  simulator: async ({ clock, options }, use) => {
    const keys = [testKey, 'sk-test-1'];
    const simulator = createSimulator({ keys, seed: 1, picture: 'tiny', now: clock.now, ...options });
    await simulator.listen();
    await use(simulator);
    await simulator.close();
  },
  client: async ({ simulator }, use) => use(clientOf(simulator)),
});
