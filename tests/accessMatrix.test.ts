import { expect, onTestFinished } from 'vitest';
import { operations } from '../apps/api/src/openapi/document.ts';
import { awaited } from './world/awaited.ts';
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
  // Here the id stands in the body.
  'post /v1/batches': mine,
  'get /v1/batches/{batch_id}': mine,
  'post /v1/batches/{batch_id}/cancel': { ...mine, owner: 409 },
  'post /v1/batches/{batch_id}/retry': mine,
  'get /v1/batches/{batch_id}/events': mine,
  'get /v1/batches/{batch_id}/manifest.csv': mine,
  'get /v1/batches/{batch_id}/manifest.jsonl': mine,
  'get /v1/batches/{batch_id}/images.zip': mine,
  'get /v1/models/{model}': everyones,
  'get /v1beta/models/{model}': everyones,
  'post /v1/models/{model}:generateContent': everyones,
  'post /v1/models/{model}:streamGenerateContent': everyones,
  'post /v1beta/models/{model}:generateContent': everyones,
  'post /v1beta/models/{model}:streamGenerateContent': everyones,
  'patch /admin/channels/{id}': operators,
  'post /admin/channels/{id}/pause': operators,
  'post /admin/channels/{id}/resume': operators,
  'get /v1/webhooks/{endpoint_id}': mine,
  'patch /v1/webhooks/{endpoint_id}': mine,
  'post /v1/webhooks/{endpoint_id}/rotate': mine,
  'post /v1/webhooks/{endpoint_id}/test': mine,
  'post /v1/webhooks/{endpoint_id}/recover': mine,
  'get /v1/webhooks/{endpoint_id}/deliveries': mine,
  'post /v1/webhooks/{endpoint_id}/deliveries/{delivery_id}/redeliver': mine,
  'get /v1/images/tasks/{task_id}/events': mine,
  'get /v1/images/tasks/{task_id}/deliveries': mine,
  'post /v1/images/tasks/{task_id}/deliveries/{delivery_id}/redeliver': mine,
  // A signed URL is its own key: whoever bears it has it. Without the signature nobody has.
  'get /files/{task}/{name}': { owner: 403, other: 403, nobody: 403, wrong: 403, admin: 403 },
  // Last, since they remove what the others ask for.
  'delete /v1/batches/{batch_id}': mine,
  'delete /v1/webhooks/{endpoint_id}': mine,
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
  endpoint_id: `we_${'f'.repeat(32)}`,
  delivery_id: `dl_${'f'.repeat(32)}`,
};

async function thingsOf(world: World): Promise<Record<string, string>> {
  const hook = { json: { url: 'http://127.0.0.1:9/hook' } };
  const made = await world.client.request<{ data: { id: string } }>('POST', '/v1/webhooks', hook);
  const endpoint_id = made.body.data.id;
  const { task_id } = await world.client.submit({ model: 'NanoBanana', prompt: 'owned' });
  await world.client.finished(task_id);
  const json = { requests: [{ model: 'none', prompt: 'x' }] };
  const { id: batch_id } = (await world.client.request<{ id: string }>('POST', '/v1/images/batches', { json })).body;
  const form = new FormData();
  form.append('purpose', 'batch');
  form.append('file', new Blob(['{}\n']), 'a.jsonl');
  const upload = await fetch(`${world.api.url}/v1/files`, { method: 'POST', headers: headersOf.owner, body: form });
  const { id: file_id } = (await upload.json()) as { id: string };
  await batchEnded(world, batch_id);
  const path = `/v1/images/tasks/${task_id}/deliveries`;
  type Deliveries = { data: { items: { id: string }[] } };
  let delivery_id: string | undefined;
  await awaited(async () => {
    const { body } = await world.client.request<Deliveries>('GET', path);
    delivery_id = body.data.items[0]?.id;
    return delivery_id !== undefined;
  });
  const things = { task_id, batch_id, file_id, endpoint_id, delivery_id: delivery_id! };
  return { ...things, model: 'NanoBanana2-1K', id: 'default', task: task_id, name: '0.png' };
}

type Batch = { id: string; status: string; input_file_id: string };
const batchOf = async (world: World, id: string) =>
  (await world.client.request<Batch>('GET', `/v1/batches/${id}`)).body;

async function batchEnded(world: World, id: string): Promise<string> {
  for (;;) {
    const { status } = await batchOf(world, id);
    if (!['validating', 'in_progress', 'finalizing'].includes(status)) return status;
  }
}

const examples = new Map(operations.map(({ method, path, body }) => [`${method} ${path}`, body?.example]));

/** Asks a route as one of the callers. What differs from answer to answer anyway is left out of its headers. */
async function ask(world: World, name: string, ids: Record<string, string>, caller: Caller) {
  const [method, path] = name.split(' ') as [string, string];
  const example = examples.get(name);
  const body = example && 'input_file_id' in example ? { ...example, input_file_id: ids.file_id } : example;
  const idOf = (_: string, id: string) => {
    if (ids[id] === undefined)
      throw new Error(`${name}: name a thing that there is, and one that never was, for ${id}`);
    return ids[id];
  };
  const response = await fetch(world.api.url + path.replace(/\{(\w+)\}/g, idOf), {
    method: method.toUpperCase(),
    headers: { ...headersOf[caller], ...(body && { 'content-type': 'application/json' }) },
    body: body && JSON.stringify(body),
  });
  const headers = [...response.headers].filter(([header]) => !['date', 'x-request-id'].includes(header));
  return { status: response.status, text: await response.text(), headers };
}

/** All that ever arrived at the upstream. */
const asked = ({ upstream }: World) => ({
  submissions: upstream.submissions().length,
  tasks: upstream.tasks().map(({ id }) => [id, upstream.pollsOf(id), upstream.downloadsOf(id)]),
});

test('every route with an id has a row, and every row a route', () => {
  const hasId = ({ path, body }: (typeof operations)[number]) =>
    path.includes('{') || /_id"/.test(JSON.stringify(body?.example ?? {}));
  const withId = operations.filter(hasId).map(({ method, path }) => `${method} ${path}`);
  expect(Object.keys(matrix).sort()).toEqual(withId.sort());
});

test('each caller of each route with an id gets what is his, and nothing is sent upstream for a foreign id', async ({
  world,
}) => {
  const things = await thingsOf(world);
  const cells = Object.entries(matrix).flatMap(([name, row]) =>
    callers.map((caller) => ({ name, caller, expected: row[caller], what: `${name} ${caller}` })),
  );
  const before = asked(world);
  for (const { name, caller, expected, what } of cells.filter((cell) => cell.expected !== 200)) {
    const answer = await ask(world, name, things, caller);
    if (expected !== 'like never') expect(answer.status, what).toBe(expected);
    else {
      const nothing = await ask(world, name, { ...things, ...neverWas }, caller);
      expect(nothing.status, what).toBe(404);
      expect(answer, what).toEqual(nothing);
    }
  }
  expect(asked(world)).toEqual(before);
  for (const { name, caller, what } of cells.filter((cell) => cell.expected === 200)) {
    const { status, text } = await ask(world, name, things, caller);
    expect(status, what).toBe(200);
    // Its file is in use until then.
    if (name === 'post /v1/batches') expect(await batchEnded(world, JSON.parse(text).id)).toBe('failed');
  }
  expect(cells).toHaveLength(Object.keys(matrix).length * callers.length);
});

test('a task and a batch in flight go on, whoever but their owner would end them', async ({ world }) => {
  const gate = world.upstream.gate('poll', { prompt: 'in flight' });
  onTestFinished(() => gate.release());
  const { task_id } = await world.client.submit({ model: 'NanoBanana', prompt: 'in flight' });
  const json = { requests: [{ model: 'NanoBanana', prompt: 'in flight' }] };
  const { id: batch_id } = (await world.client.request<{ id: string }>('POST', '/v1/images/batches', { json })).body;
  await gate.arrived;
  const things: Record<string, string> = { task_id, batch_id, file_id: (await batchOf(world, batch_id)).input_file_id };
  const isOfThese = (name: string) => [...name.matchAll(/\{(\w+)\}/g)].every(([, id]) => id! in things);
  const ends = Object.keys(matrix).filter((name) => /^delete|\/cancel$/.test(name) && isOfThese(name));
  expect(ends.length).toBeGreaterThan(3);
  for (const name of ends) {
    for (const caller of callers.filter((one) => one !== 'owner')) {
      const answer = await ask(world, name, things, caller);
      expect(answer, `${name} ${caller}`).toEqual(await ask(world, name, neverWas, caller));
    }
  }
  gate.release();
  expect((await world.client.finished(task_id)).status).toBe('succeeded');
  expect(await batchEnded(world, batch_id)).toBe('completed');
});
