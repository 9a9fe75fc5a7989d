import { batchQueue } from '@darkroom/shared/queues';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect } from 'vitest';
import { createApp } from '../apps/api/src/app.ts';
import { operations } from '../apps/api/src/openapi/document.ts';
import type { Operation } from '../apps/api/src/openapi/operation.ts';
import { adminPassword, keys, type World } from './world/createWorld.ts';
import { test } from './world/world.ts';

const nameOf = ({ method, path }: Operation) => `${method.toUpperCase()} ${path}`;

/** Routes of the app as Express knows them, in the document's words. */
function routesOfApp({ records }: World): string[] {
  // What a route does is not asked here: only what it is made with has to be there.
  const batches = batchQueue(records.redis, records.keys);
  const made = {
    records,
    batches,
    clients: [],
    queues: new Map(),
    admin: {},
    limits: {},
    bodyBytesMax: 1,
    publicUrl: '',
  };
  const app = createApp(made as never);
  type Layer = { route?: { path: string; methods: Record<string, boolean> } };
  return (app.router as unknown as { stack: Layer[] }).stack.flatMap(({ route }) => {
    const methods = Object.keys(route?.methods ?? {}).filter((method) => method !== '_all');
    return methods.map((method) => `${method.toUpperCase()} ${route!.path.replace(/:(\w+)/g, '{$1}')}`);
  });
}

/** How a described path is routed: Gemini's methods stand behind the model's name. */
const routed = (name: string) => name.replace(/:(stream)?[gG]enerateContent$/, '');

test('the document is valid OpenAPI 3.1', async ({ world }) => {
  const document = (await (await fetch(`${world.api.url}/openapi.json`)).json()) as Record<string, unknown>;
  const { valid, errors } = await new Validator().validate(document);
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
});

test('every route is described, and every description has its route', ({ world }) => {
  const described = new Set(operations.map(nameOf).map(routed));
  const there = new Set(routesOfApp(world));
  const undescribed = [...there].filter((name) => !described.has(name) && name !== 'GET /openapi.json');
  expect(undescribed, 'describe it in apps/api/src/openapi').toEqual([]);
  expect(
    [...described].filter((name) => !there.has(name)),
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

/** Sends an operation's example as it stands. */
async function send(world: World, operation: Operation, path: string, body = operation.body?.example) {
  const headers: Record<string, string> = {
    authorization:
      operation.opens === 'admin'
        ? `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}`
        : `Bearer ${keys.alice}`,
  };
  const form = new FormData();
  if (operation.body?.media) {
    for (const [name, value] of Object.entries(body as Record<string, string>)) {
      if (name === 'file') form.append(name, new Blob([value]), 'lines.jsonl');
      else form.append(name, value);
    }
  } else if (body) headers['content-type'] = 'application/json';
  const response = await fetch(world.api.url + path, {
    method: operation.method.toUpperCase(),
    headers,
    body: operation.body?.media ? form : body && JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

/** Ids of things that there are, for the names in paths. */
async function thingsOf(world: World) {
  const task = await world.client.submit({ model: 'NanoBanana', prompt: 'described' });
  const finished = await world.client.finished(task.task_id);
  const upload = operations.find((one) => one.path === '/v1/files' && one.method === 'post')!;
  const file = JSON.parse((await send(world, upload, '/v1/files')).text);
  const batch = (
    await world.client.request<{ id: string }>('POST', '/v1/images/batches', {
      json: { requests: [{ model: 'NanoBanana', prompt: 'x' }] },
    })
  ).body;
  return {
    task_id: task.task_id,
    file_id: file.id,
    batch_id: batch.id,
    model: 'NanoBanana2-1K',
    id: 'default',
    picture: finished.result_url!,
  };
}

/** Ends what it is about, or must not be done to what others use. */
const last = (operation: Operation) => (operation.method === 'delete' ? 1 : 0);

describe('as it stands', () => {
  test('every example gets the answer that is described', async ({ world }) => {
    const things = await thingsOf(world);
    for (const operation of operations.toSorted((a, b) => last(a) - last(b))) {
      const name = nameOf(operation);
      const path = operation.path.replace(/\{(\w+)\}/g, (_, thing: keyof typeof things) => things[thing]);
      if (operation.opens === 'signature') continue;
      const example = operation.body?.example;
      const body = example && 'input_file_id' in example ? { ...example, input_file_id: things.file_id } : example;
      if (/\/cancel$/.test(path) || (operation.method === 'delete' && path.includes('/files/'))) {
        // These have tests of their own: what they are about has ended, or is in use.
        expect([200, 409], name).toContain((await send(world, operation, path, body)).status);
        continue;
      }
      const { status, text } = await send(world, operation, path, body);
      expect(`${name}: ${status}`, text).toBe(`${name}: 200`);
      const { schema } = operation.answers[200]!;
      if (schema) expect(schema.safeParse(JSON.parse(text)).error, name).toBeUndefined();
    }
    expect((await fetch(things.picture)).status).toBe(404);
  });
});
