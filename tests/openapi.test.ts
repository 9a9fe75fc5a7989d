import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect } from 'vitest';
import { errorShapes } from '../apps/api/src/openapi/answers.ts';
import { operations } from '../apps/api/src/openapi/document.ts';
import type { Answer, Body, Operation } from '../apps/api/src/openapi/operation.ts';
import { awaited } from './world/awaited.ts';
import { adminPassword, keys, type World } from './world/createWorld.ts';
import { png } from './world/pictures.ts';
import { routesOfApp, undescribed } from './world/routesOfApp.ts';
import { test } from './world/world.ts';

const nameOf = ({ method, path }: Operation) => `${method.toUpperCase()} ${path}`;

/** How a described path is routed: Gemini's methods stand behind the model's name. */
const routed = (name: string) => name.replace(/:(stream)?[gG]enerateContent$/, '');

type Described = { responses: Record<string, object> };
type Document = { paths: Record<string, Record<string, Described>> };

const documentOf = async ({ api }: World) => (await (await fetch(`${api.url}/openapi.json`)).json()) as Document;

test('the document is valid OpenAPI 3.1', async ({ world }) => {
  const { valid, errors } = await new Validator().validate(await documentOf(world));
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
});

test('every route is described, and every description has its route', ({ world }) => {
  const names = operations.map(nameOf);
  expect(new Set(names).size, 'describe a route once').toBe(names.length);
  const described = new Set([...names.map(routed), ...Object.keys(undescribed)]);
  const there = routesOfApp(world).map((name) => name.replace('GET /openapi.json', '/openapi.json'));
  expect(
    there.filter((name) => !described.has(name)),
    'describe it in apps/api/src/openapi',
  ).toEqual([]);
  expect(
    [...described].filter((name) => !there.includes(name)),
    'remove the description',
  ).toEqual([]);
});

test('the page is served from here and asks nobody else', async ({ world }) => {
  const page = await fetch(`${world.api.url}/docs/`);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  const html = await page.text();
  const parts = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, part]) => part!);
  expect(parts.length).toBeGreaterThan(3);
  for (const part of parts) {
    expect(part.startsWith('/docs/')).toBe(true);
    expect((await fetch(world.api.url + part)).status).toBe(200);
  }
});

const bearerOf = ({ opens }: Operation) =>
  opens === 'admin' ? `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}` : `Bearer ${keys.alice}`;

function formOf(example: object): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(example as Record<string, string>)) {
    if (value.startsWith('@')) form.append(name, new Blob([png]), value.slice(1));
    else if (name === 'file') form.append(name, new Blob([value]), 'lines.jsonl');
    else form.append(name, value);
  }
  return form;
}

/** Sends what an operation is asked with. */
async function send(world: World, operation: Operation, path: string, body?: string | FormData, headers: object = {}) {
  const response = await fetch(world.api.url + path, {
    method: operation.method.toUpperCase(),
    headers: { authorization: bearerOf(operation), ...headers },
    body,
  });
  const type = response.headers.get('content-type')?.split(';')[0] ?? '';
  return { status: response.status, text: await response.text(), type };
}

/** Nobody is there, which an endpoint may be. */
const receiverUrl = 'http://127.0.0.1:9/hook';

const json = { 'content-type': 'application/json' };
const sendJson = (world: World, operation: Operation, path: string, body: object) =>
  send(world, operation, path, JSON.stringify(body), json);

/** Ids of things that there are, for the names in paths. */
async function thingsOf(world: World) {
  // It is told of the task that follows.
  const hook = { json: { url: receiverUrl } };
  const endpoint = await world.client.request<{ data: { id: string } }>('POST', '/v1/webhooks', hook);
  const task = await world.client.submit({ model: 'NanoBanana', prompt: 'described' });
  const finished = await world.client.finished(task.task_id);
  const upload = operations.find((one) => one.path === '/v1/files' && one.method === 'post')!;
  const file = JSON.parse((await send(world, upload, '/v1/files', formOf(upload.form!.example))).text);
  type Deliveries = { data: { items: { id: string }[] } };
  let delivery_id = '';
  await awaited(async () => {
    const { body } = await world.client.request<Deliveries>('GET', `/v1/images/tasks/${task.task_id}/deliveries`);
    delivery_id = body.data.items[0]?.id ?? '';
    return delivery_id !== '';
  });
  const requests = [{ model: 'NanoBanana', prompt: 'x' }];
  const made = await world.client.request<{ id: string }>('POST', '/v1/images/batches', { json: { requests } });
  return {
    task_id: task.task_id,
    file_id: file.id,
    batch_id: made.body.id,
    endpoint_id: endpoint.body.data.id,
    delivery_id,
    model: 'NanoBanana2-1K',
    id: 'default',
    picture: finished.result_url!,
  };
}
type Things = Awaited<ReturnType<typeof thingsOf>>;

const pathOf = ({ path }: Operation, things: Things) =>
  path.replace(/\{(\w+)\}/g, (_, thing: keyof Things) => things[thing]);

/** Ends what it is about, or must not be done to what others use. */
const last = (operation: Operation) => (operation.method === 'delete' ? 1 : 0);

/** An answer has what is described, and nothing else: zod leaves out what it does not know. */
function expectAnswer(schema: NonNullable<Answer['schema']>, answer: unknown, name: string) {
  expect(schema.safeParse(answer), name).toEqual({ success: true, data: answer });
}

describe('as it stands', () => {
  test('every example gets the answer that is described, and nothing that is not', async ({ world }) => {
    const things = await thingsOf(world);
    const ask = async (operation: Operation, body: Body | undefined, isForm: boolean) => {
      const path = pathOf(operation, things);
      if (!body) return send(world, operation, path);
      if (isForm) return send(world, operation, path, formOf(body.example));
      const { example } = body;
      const there = {
        ...('input_file_id' in example && { input_file_id: things.file_id }),
        ...('url' in example && { url: receiverUrl }),
      };
      return sendJson(world, operation, path, { ...example, ...there });
    };
    for (const operation of operations.toSorted((a, b) => last(a) - last(b))) {
      const { path, method, opens, body, form, answers } = operation;
      // A stream that nobody ends has tests of its own.
      if (opens === 'signature' || operation.endless) continue;
      const ways = body && form ? ([false, true] as const) : [form !== undefined];
      for (const isForm of ways) {
        const name = `${nameOf(operation)}${isForm ? ' as a form' : ''}`;
        const { status, text } = await ask(operation, isForm ? form : body, isForm);
        // These have tests of their own: what they are about has ended, or is in use.
        const mayBeLate =
          /\/(cancel|retry|images\.zip)$/.test(path) || (method === 'delete' && /files|batches/.test(path));
        if (mayBeLate && status === 409) continue;
        expect(`${name}: ${status}`, text).toBe(`${name}: 200`);
        const { schema } = answers[200]!;
        if (schema) expectAnswer(schema, JSON.parse(text), name);
      }
    }
    expect((await fetch(things.picture)).status).toBe(404);
  });

  test('every stream has the events that are described', async ({ world }) => {
    const things = { model: 'NanoBanana2-1K' } as Things;
    const streams = operations.filter(({ answers, body }) => answers[200]?.events && body);
    expect(streams.length).toBeGreaterThan(3);
    for (const operation of streams) {
      const isGemini = operation.dialect === 'gemini';
      const asked = isGemini ? operation.body!.example : { ...operation.body!.example, stream: true };
      const path = pathOf(operation, things) + (isGemini ? '?alt=sse' : '');
      const { text, type } = await sendJson(world, operation, path, asked);
      expect(type, nameOf(operation)).toBe('text/event-stream');
      const data = [...text.matchAll(/^data: (.*)$/gm)].map(([, line]) => JSON.parse(line!));
      expect(data).toHaveLength(1);
      expectAnswer(operation.answers[200]!.events!, data[0], nameOf(operation));
    }
  });

  test('every refusal is one that is described, in the words of its entry', async ({ world }) => {
    const { paths } = await documentOf(world);
    const never = 'z'.repeat(26);
    const ids = { task_id: `task_${never}`, file_id: `file-${never}`, batch_id: `batch_${never}`, id: 'none' };
    const things = { ...ids, model: 'none', task: ids.task_id, name: '0.png' } as unknown as Things;
    const seen = new Set<number>();
    for (const operation of operations) {
      const path = pathOf(operation, things);
      const told = paths[operation.path]![operation.method]!.responses;
      const answers = [await send(world, operation, path, undefined, { authorization: '' })];
      if (operation.body || operation.form) {
        answers.push(await send(world, operation, path, '{', json), await send(world, operation, path, 'x'));
        answers.push(await sendJson(world, operation, path, { nothing_of_ours: 1 }));
      }
      for (const wrong of operation.body ? [{ n: 99 }, { model: 'none' }] : []) {
        answers.push(await sendJson(world, operation, path, { ...operation.body!.example, ...wrong }));
      }
      if (operation.path.includes('{')) {
        answers.push(
          await (operation.body
            ? sendJson(world, operation, path, operation.body.example)
            : send(world, operation, path)),
        );
      }
      for (const { status, text } of answers.filter((answer) => answer.status !== 200)) {
        const name = `${nameOf(operation)} ${status} ${text}`;
        expect(Object.keys(told), name).toContain(String(status));
        expectAnswer(errorShapes[operation.dialect], JSON.parse(text), name);
        seen.add(status);
      }
    }
    expect([...seen].sort()).toEqual([400, 401, 403, 404, 415]);
  });
});
