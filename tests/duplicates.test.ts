import { expect } from 'vitest';
import { sweep } from './world/sweep.ts';
import { adminPassword, testIn, type World } from './world/world.ts';

const model = 'NanoBanana';
const days = 24 * 3_600_000;
const env = { NOT_FOUND_GRACE_SECONDS: '0.001', SWEEP_INTERVAL_SECONDS: '86400' };
const test = testIn({ env });

/** What `GET /admin/duplicates` lists of a task. */
async function listedOf(world: World, taskId: string): Promise<Record<string, unknown>[]> {
  const authorization = `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}`;
  const answer = await fetch(`${world.api.url}/admin/duplicates`, { headers: { authorization } });
  const { duplicates } = (await answer.json()) as { duplicates: Record<string, unknown>[] };
  return duplicates.filter(({ task_id }) => task_id === taskId);
}

async function run(world: World, directives: string) {
  const prompt = `${directives} [[sim: ${directives}]]`;
  const { task_id } = await world.client.submit({ model, n: 2, prompt });
  return world.client.finished(task_id);
}

const duplicate = { channel: 'default', part: 0, cost: '0.0780', currency: 'USD' };

test('what may have been paid for twice is listed with its price, and forgotten after 30 days', async ({ world }) => {
  const { task_id, status, metadata } = await run(world, 'submit=reset_after times=2');
  expect({ status, marked: metadata.possibly_duplicated }).toEqual({ status: 'succeeded', marked: true });
  const submissions = [3, 2].map((submission) => ({ attempt: 1, submission, reason: 'outcome_unknown' }));
  const listed_at = expect.stringMatching(/^20.*Z$/);
  const listed = await listedOf(world, task_id);
  expect(listed).toEqual(submissions.map((one) => ({ task_id, ...duplicate, ...one, listed_at })));
  expect(await sweep(world)).toEqual({});

  const { redis, keys } = world.records;
  const members = await redis.zrange(keys.duplicates(task_id), 0, '-1');
  for (const member of members) await redis.zadd(keys.duplicates(task_id), 'XX', Date.now() - 31 * days, member);
  expect(await sweep(world)).toEqual({ duplicates_forgotten: 2 });
  expect(await sweep(world)).toEqual({});
  expect(await listedOf(world, task_id)).toEqual([]);
});

test('an attempt that follows because the upstream forgot what it had accepted is listed', async ({ world }) => {
  const { task_id, metadata } = await run(world, 'poll=forgets');
  expect(metadata).toMatchObject({ possibly_duplicated: true, attempts: 3 });
  const attempts = [3, 2].map((attempt) => ({ ...duplicate, attempt, submission: 1, reason: 'forgotten' }));
  expect(await listedOf(world, task_id)).toMatchObject(attempts);
});

test('a task that was submitted once is not listed', async ({ world }) => {
  const { task_id } = await run(world, 'fail=internal_error fail_times=1');
  expect(await listedOf(world, task_id)).toEqual([]);
});
