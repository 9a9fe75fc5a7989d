import { expect } from 'vitest';
import { operations } from '../apps/api/src/openapi/document.ts';
import { adminPassword, keys, type World } from './world/createWorld.ts';
import { test } from './world/world.ts';

const callers = ['owner', 'other', 'nobody', 'wrong', 'admin'] as const;
type Caller = (typeof callers)[number];

/** What each caller is answered with: `like never` is word for word the answer of an id that never was. */
type Row = Record<Caller, number | 'like never'>;

const mine: Row = { owner: 200, other: 'like never', nobody: 401, wrong: 401, admin: 401 };
const everyones: Row = { owner: 200, other: 200, nobody: 401, wrong: 401, admin: 401 };
const operators: Row = { owner: 401, other: 401, nobody: 401, wrong: 401, admin: 200 };

/** A row for every route with an id in it; a route without a row fails. */
const matrix: Record<string, Row> = {
  'get /v1/images/tasks/{task_id}': mine,
  'post /v1/images/tasks/{task_id}/cancel': { ...mine, owner: 409 },
  'get /v1/files/{file_id}': mine,
  'get /v1/files/{file_id}/content': mine,
  'get /v1/batches/{batch_id}': mine,
  'post /v1/batches/{batch_id}/cancel': { ...mine, owner: 409 },
  'get /v1/models/{model}': everyones,
  'get /v1beta/models/{model}': everyones,
  'post /v1/models/{model}:generateContent': everyones,
  'post /v1/models/{model}:streamGenerateContent': everyones,
  'post /v1beta/models/{model}:generateContent': everyones,
  'post /v1beta/models/{model}:streamGenerateContent': everyones,
  'patch /admin/channels/{id}': operators,
  'post /admin/channels/{id}/pause': operators,
  'post /admin/channels/{id}/resume': operators,
  // A signed URL is its own key: whoever bears it has it. Without the signature nobody has.
  'get /files/{task}/{name}': { owner: 403, other: 403, nobody: 403, wrong: 403, admin: 403 },
  // Last, since they remove what the others ask for.
  'delete /v1/files/{file_id}': mine,
  'delete /v1/images/tasks/{task_id}': mine,
};

const headersOf: Record<Caller, Record<string, string>> = {
  owner: { authorization: `Bearer ${keys.alice}` },
  other: { authorization: `Bearer ${keys.bob}` },
  nobody: {},
  wrong: { authorization: `Bearer ${keys.alice.slice(0, -1)}` },
  admin: { authorization: `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}` },
};

/** Ids that look like ours, and that nothing ever had. */
const never = 'z'.repeat(26);
const neverWas: Record<string, string> = {
  task_id: `task_${never}`,
  file_id: `file-${never}`,
  batch_id: `batch_${never}`,
};

async function thingsOf(world: World): Promise<Record<string, string>> {
  const { task_id } = await world.client.submit({ model: 'NanoBanana', prompt: 'owned' });
  await world.client.finished(task_id);
  const json = { requests: [{ model: 'none', prompt: 'x' }] };
  const { id: batch_id } = (await world.client.request<{ id: string }>('POST', '/v1/images/batches', { json })).body;
  const form = new FormData();
  form.append('purpose', 'batch');
  form.append('file', new Blob(['{}\n']), 'a.jsonl');
  const upload = await fetch(`${world.api.url}/v1/files`, { method: 'POST', headers: headersOf.owner, body: form });
  const { id: file_id } = (await upload.json()) as { id: string };
  for (;;) {
    const { body } = await world.client.request<{ status: string }>('GET', `/v1/batches/${batch_id}`);
    if (body.status === 'completed') break;
  }
  return { task_id, batch_id, file_id, model: 'NanoBanana2-1K', id: 'default', task: task_id, name: '0.png' };
}

test('every route with an id has a row, and every row a route', () => {
  const withId = operations.filter(({ path }) => path.includes('{')).map(({ method, path }) => `${method} ${path}`);
  expect(Object.keys(matrix).sort()).toEqual(withId.sort());
});

test('each caller of each route with an id gets what is his, and nothing is sent upstream for a foreign id', async ({
  world,
}) => {
  const things = await thingsOf(world);
  const examples = new Map(operations.map(({ method, path, body }) => [`${method} ${path}`, body?.example]));
  const ask = async (name: string, ids: Record<string, string>, caller: Caller) => {
    const [method, path] = name.split(' ') as [string, string];
    const example = examples.get(name);
    const response = await fetch(
      world.api.url + path.replace(/\{(\w+)\}/g, (_, id: string) => ids[id] ?? things[id]!),
      {
        method: method.toUpperCase(),
        headers: { ...headersOf[caller], ...(example && { 'content-type': 'application/json' }) },
        body: example && JSON.stringify(example),
      },
    );
    return { status: response.status, text: await response.text() };
  };
  const before = world.upstream.submissions().length;
  const strangers = callers.toSorted((a, b) => Number(a === 'owner') - Number(b === 'owner'));
  for (const [name, row] of Object.entries(matrix)) {
    for (const caller of strangers) {
      const answer = await ask(name, things, caller);
      const expected = row[caller];
      if (expected === 'like never') {
        const nothing = await ask(name, neverWas, caller);
        expect(nothing.status, `${name} ${caller}`).toBe(404);
        expect(answer, `${name} ${caller}`).toEqual(nothing);
      } else expect(answer.status, `${name} ${caller}`).toBe(expected);
    }
  }
  // Four calls of Gemini by the two keys that may.
  expect(world.upstream.submissions().length - before).toBe(8);
});
