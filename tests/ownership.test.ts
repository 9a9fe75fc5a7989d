import { expect } from 'vitest';
import { test } from './world/world.ts';

const good = { model: 'NanoBanana', prompt: 'mine' };

test('another key’s task is word for word the task that never was', async ({ world }) => {
  const { task_id } = await world.client.submit(good);
  const never = `task_${'0'.repeat(26)}`;
  for (const [method, suffix] of [
    ['GET', ''],
    ['POST', '/cancel'],
  ] as const) {
    const foreign = await world.bob.request(method, `/v1/images/tasks/${task_id}${suffix}`);
    const missing = await world.bob.request(method, `/v1/images/tasks/${never}${suffix}`);
    expect(foreign.status).toBe(404);
    expect(foreign.body).toEqual(missing.body);
    expect(foreign.body.code).toBe('task_not_found');
  }
  expect((await world.client.finished(task_id)).status).toBe('succeeded');
});

test('a list shows a key’s own tasks, newest first, page by page and filtered', async ({ world }) => {
  const list = async (query: string) => {
    type List = { data: { items: { task_id: string }[]; has_more: boolean; next_cursor: string | null } };
    const { body } = await world.bob.request<List>('GET', `/v1/images/tasks?${query}`);
    return { ...body.data, ids: body.data.items.map((task) => task.task_id) };
  };
  const made: string[] = [];
  for (let i = 0; i < 5; i++) {
    const labels = { number: String(i), set: 'a:b' };
    const model = i % 2 ? 'NanoBanana' : 'NanoBananaPro-1K';
    made.unshift((await world.bob.submit({ model, prompt: `number ${i}`, labels })).task_id);
  }
  for (const id of made) await world.bob.finished(id);
  const first = await list('limit=2');
  expect(first).toMatchObject({ ids: made.slice(0, 2), has_more: true });
  const second = await list(`limit=2&cursor=${first.next_cursor}`);
  const third = await list(`limit=2&cursor=${second.next_cursor}`);
  expect([...second.ids, ...third.ids]).toEqual(made.slice(2));
  expect(third).toMatchObject({ has_more: false, next_cursor: null });
  expect((await list('model=NanoBanana')).ids).toEqual([made[1], made[3]]);
  expect((await list('label=number:4&label=set:a:b')).ids).toEqual([made[0]]);
  expect((await list('status=failed')).ids).toEqual([]);
  expect((await list('status=succeeded')).ids).toEqual(made);
  for (const bad of ['limit=0', 'limit=101', 'limit=x', 'cursor=zzz', 'status=done', 'label=x']) {
    expect((await world.bob.request('GET', `/v1/images/tasks?${bad}`)).status).toBe(400);
  }
});

test('no key, a malformed and a wrong one get the same 401', async ({ world }) => {
  const bodies = [];
  for (const authorization of ['', 'Bearer', 'Bearer sk-wrong', 'Basic abc', 'sk-alice']) {
    const answer = await world.client.request('GET', '/v1/images/tasks', { headers: { authorization } });
    expect(answer.status).toBe(401);
    bodies.push(JSON.stringify(answer.body));
  }
  expect(new Set(bodies).size).toBe(1);
  expect(JSON.parse(bodies[0]!).code).toBe('unauthorized');
});

test('every answer carries a request id, the client’s own where it is well formed', async ({ world }) => {
  const idFor = async (given: string) =>
    (await world.client.request('GET', '/v1/nothing', { headers: { 'x-request-id': given } })).headers.get(
      'x-request-id',
    );
  expect(await idFor('my.Request-1_a')).toBe('my.Request-1_a');
  expect(await idFor('a b')).toMatch(/^[0-9a-f-]{36}$/);
  expect(await idFor('x'.repeat(129))).toMatch(/^[0-9a-f-]{36}$/);
});
