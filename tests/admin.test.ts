import { describe, expect } from 'vitest';
import { sweep } from './world/sweep.ts';
import { adminPassword, test, testIn, type World } from './world/world.ts';

const basic = (password: string) => `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
const asAdmin = { authorization: basic(adminPassword) };
const get = (world: World, path: string, headers: { authorization?: string } = asAdmin) =>
  fetch(world.api.url + path, { headers: { ...headers } as Record<string, string> });
// biome-ignore lint/suspicious/noExplicitAny: the board's own answers, looked at by matchers
const json = async (answer: Promise<Response>): Promise<any> => (await answer).json();

test('/admin asks for its password, whatever is asked of it', async ({ world }) => {
  for (const path of ['/admin/queues', '/admin/channels', '/admin/queues/api/queues', '/admin/nothing']) {
    for (const headers of [{}, { authorization: basic('wrong') }]) {
      const answer = await get(world, path, headers);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
    }
  }
});

test('the board shows what there is to understand a task: model, attempt, upstream task, progress, a line per step', async ({
  world,
}) => {
  const { task_id } = await world.client.submit({ model: 'NanoBanana', prompt: 'a secret prompt' });
  await world.client.finished(task_id);
  const queue = 'generation.default';
  const job = await json(get(world, `/admin/queues/api/queues/${queue}/${task_id}-0`));
  expect(job.job).toMatchObject({
    name: 'NanoBanana',
    data: { task_id, part: 0, n: 1 },
    progress: { percent: 100, state: 'succeeded', attempt: 1, upstream_task_id: expect.stringMatching(/^ut_/) },
  });
  const logs: string[] = await json(get(world, `/admin/queues/api/queues/${queue}/${task_id}-0/logs`));
  expect(logs.map((line) => line.replace(/^\S+ /, ''))).toEqual([
    'submitting attempt 1',
    expect.stringMatching(/^accepted as ut_/),
    'the upstream is done: 1 results',
    'stored 1 pictures',
  ]);
  expect(JSON.stringify(job) + JSON.stringify(logs)).not.toContain('secret prompt');
});

test('the board shows every queue, upkeep with its sweeps among them, all read-only', async ({ world }) => {
  await sweep(world);
  const { queues } = await json(get(world, '/admin/queues/api/queues?activeQueue=upkeep&status=completed'));
  const shown = queues.map(({ name, readOnlyMode }: Record<string, unknown>) => ({ name, readOnlyMode }));
  expect(shown).toEqual(
    ['generation.default', 'batches', 'deliveries', 'upkeep'].map((name) => ({ name, readOnlyMode: true })),
  );
  const { jobs } = queues.find(({ name }: { name: string }) => name === 'upkeep');
  expect(jobs[0]).toMatchObject({ name: 'sweep', data: { v: 1 } });
});

test('the board is read-only', async ({ world }) => {
  const path = '/admin/queues/api/queues/generation.default/pause';
  const answer = await fetch(world.api.url + path, { method: 'PUT', headers: { ...asAdmin, origin: world.api.url } });
  expect(answer.status).toBe(403);
});

test('the channels show what they do and what holds them back', async ({ world }) => {
  const { channels } = await json(get(world, '/admin/channels'));
  expect(channels).toEqual([
    {
      id: 'default',
      state: 'closed',
      reason: null,
      until: null,
      in_flight: expect.any(Number),
      waiting: expect.any(Number),
      max_in_flight: 200,
      submits_per_minute: 0,
    },
  ]);
});

const writable = testIn({ env: { ADMIN_BOARD_WRITE: 'true' } });
describe('where the board may write', () => {
  writable('a change must come from the board itself, and leaves an audit line', async ({ world }) => {
    const pause = (origin?: string) =>
      fetch(`${world.api.url}/admin/queues/api/queues/generation.default/pause`, {
        method: 'PUT',
        headers: { ...asAdmin, ...(origin ? { origin } : {}) },
      });
    expect((await pause()).status).toBe(403);
    expect((await pause('https://evil.example')).status).toBe(403);
    expect((await pause(world.api.url)).status).toBe(200);
    expect(await world.api.logged('changed through the board')).toMatchObject({ audit: 'board', method: 'PUT' });
  });
});
