import { expect } from 'vitest';
import { testIn } from './world/world.ts';

const price = '0.0390';
const model = (id: string, more: object) => ({ id, price, max_n: 4, ...more });
const test = testIn({
  channels: (base_url) => ({
    channels: [
      {
        id: 'main',
        base_url,
        api_key_env: 'UPSTREAM_API_KEY',
        submits_per_minute: 0,
        models: [
          model('NanoBanana', { images_per_submission: 4 }),
          model('NanoBanana2-1K', { images_per_submission: 1 }),
          model('NanoBanana2-2K', { images_per_submission: 4, when_short: 'top_up' }),
        ],
      },
    ],
  }),
});

test('four pictures come from one submission where the upstream makes four at once', async ({ world }) => {
  const { task_id } = await world.client.submit({ model: 'NanoBanana', prompt: 'four in one', n: 4 });
  const task = await world.client.finished(task_id);
  expect(task).toMatchObject({ status: 'succeeded', metadata: { result_count: 4, attempts: 1 } });
  expect(task.metadata.cost).toEqual({ estimated: '0.1560', actual: '0.1560', currency: 'USD' });
  expect(new Set(task.result_urls).size).toBe(4);
  expect(world.upstream.submissions({ prompt: 'four in one' }).map((s) => s.fields.n)).toEqual([4]);
});

test('four pictures come from four submissions where the upstream makes one at once', async ({ world }) => {
  const { task_id } = await world.client.submit({ model: 'NanoBanana2-1K', prompt: 'four in four', n: 4 });
  const task = await world.client.finished(task_id);
  expect(task).toMatchObject({ status: 'succeeded', metadata: { result_count: 4, attempts: 4 } });
  expect(task.metadata.cost.actual).toBe('0.1560');
  const submissions = world.upstream.submissions({ prompt: 'four in four' });
  expect(submissions.map((s) => s.idempotencyKey).sort()).toEqual([0, 1, 2, 3].map((part) => `${task_id}-${part}-1`));
  expect(submissions.map((s) => s.fields.n)).toEqual([1, 1, 1, 1]);
});

test('a task succeeds with what it has when some of its parts fail', async ({ world }) => {
  const prompt = 'one part fails [[sim: fail=invalid_input fail_times=1]]';
  const { task_id } = await world.client.submit({ model: 'NanoBanana2-1K', prompt, n: 2 });
  const task = await world.client.finished(task_id);
  expect(task).toMatchObject({ status: 'succeeded', error: null, metadata: { result_count: 1 } });
  expect(task.metadata.cost).toMatchObject({ estimated: '0.0780', actual: '0.0390' });
});

test('the price follows the pictures returned when the upstream ignores n', async ({ world }) => {
  const { task_id } = await world.client.submit({ model: 'NanoBanana', prompt: 'short [[sim: n=ignored]]', n: 3 });
  const task = await world.client.finished(task_id);
  expect(task).toMatchObject({ status: 'succeeded', metadata: { result_count: 1, attempts: 1 } });
  expect(task.metadata.cost).toMatchObject({ estimated: '0.1170', actual: '0.0390' });
});

test('missing pictures are ordered again where the model is topped up', async ({ world }) => {
  const prompt = 'topped up [[sim: n=ignored]]';
  const { task_id } = await world.client.submit({ model: 'NanoBanana2-2K', prompt, n: 3 });
  const task = await world.client.finished(task_id);
  expect(task).toMatchObject({ status: 'succeeded', metadata: { result_count: 3, attempts: 3 } });
  expect(world.upstream.submissions({ prompt: 'topped up' }).map((s) => s.fields.n)).toEqual([3, 2, 1]);
  expect(new Set(task.result_urls.map((url) => new URL(url).pathname)).size).toBe(3);
});
