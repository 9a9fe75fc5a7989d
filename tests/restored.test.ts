import { connectRedis, markRestored } from '@darkroom/shared/redis';
import { expect } from 'vitest';
import { acceptedOf } from './world/crowd.ts';
import { adminPassword, testIn } from './world/world.ts';

const model = 'NanoBanana';

/** A Redis that was restored just now, from a backup that every task of the test is older than. */
const test = testIn({
  before: async ({ redisUrl }) => {
    const redis = await connectRedis({ url: redisUrl, cluster: false }, 'wait', () => undefined);
    await markRestored(redis, { taken_at_ms: Date.now() + 3_600_000, restored_at_ms: Date.now() });
    redis.disconnect();
  },
});

test('a task of a restored backup is submitted once, marked, and listed with its price', async ({ world }) => {
  const { task_id } = await world.client.submit({ model, n: 2, prompt: 'waited at the backup' });
  const task = await world.client.finished(task_id);
  expect(task).toMatchObject({ status: 'succeeded', metadata: { possibly_duplicated: true, attempts: 1 } });
  expect(acceptedOf(world, task_id)).toBe(1);
  const authorization = `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}`;
  const answer = await fetch(`${world.api.url}/admin/duplicates`, { headers: { authorization } });
  const { duplicates } = (await answer.json()) as { duplicates: Record<string, unknown>[] };
  expect(duplicates.filter((one) => one.task_id === task_id)).toMatchObject([
    { attempt: 1, submission: 1, reason: 'restored', cost: '0.0780', currency: 'USD' },
  ]);
});

test('what a restored task that ends unsubmitted has cost is unknown', async ({ world }) => {
  await world.client.submit({ model, prompt: 'holds the channel [[sim: submit=429 retry_after=5 times=1]]' });
  await world.upstream.until(() => world.upstream.submissions().some(({ status }) => status === 429));
  const { task_id } = await world.client.submit({ model, prompt: 'too late', deadline_seconds: 1 });
  const task = await world.client.finished(task_id);
  expect(task).toMatchObject({
    status: 'failed',
    error: { code: 'deadline_exceeded' },
    metadata: { cost: { actual: null } },
  });
  expect(world.upstream.submissions({ prompt: 'too late' })).toEqual([]);
});
