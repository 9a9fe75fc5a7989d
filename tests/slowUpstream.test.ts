import { expect } from 'vitest';
import { testIn } from './world/world.ts';

const test = testIn({
  env: { UPSTREAM_HEADERS_TIMEOUT_SECONDS: '0.4', UPSTREAM_BODY_TIMEOUT_SECONDS: '0.4', CIRCUIT_FAILURES: '1000' },
});
const model = 'NanoBanana';

test.for(['hang', 'hang_after'])(
  'a submission that is never answered (%s) is unknown: again, and marked',
  async (fault, { world }) => {
    const prompt = `never answered [[sim: submit=${fault} times=1]]`;
    const { task_id } = await world.client.submit({ model, prompt });
    const task = await world.client.finished(task_id);
    expect(task).toMatchObject({ status: 'succeeded', metadata: { attempts: 1, possibly_duplicated: true } });
    expect(new Set(world.upstream.submissions({ prompt }).map((s) => s.idempotencyKey)).size).toBe(1);
  },
);

test.for(['hang', 'endless'])(
  'a query that is never answered to its end (%s) is given up and asked again',
  async (fault, { world }) => {
    const prompt = `query [[sim: poll=${fault} poll_times=1]]`;
    const { task_id } = await world.client.submit({ model, prompt });
    expect(await world.client.finished(task_id)).toMatchObject({ status: 'succeeded', metadata: { attempts: 1 } });
  },
);

test('a download that hangs is given up and tried again', async ({ world }) => {
  const { task_id } = await world.client.submit({ model, prompt: 'hangs [[sim: download=hang download_times=1]]' });
  expect(await world.client.finished(task_id)).toMatchObject({ status: 'succeeded', metadata: { attempts: 1 } });
});

const small = testIn({ env: { MAX_RESULT_BYTES: '2000000' } });
small('a result without end is broken off at its bound', async ({ world }) => {
  const { task_id } = await world.client.submit({ model, prompt: 'endless [[sim: download=endless]]' });
  const task = await world.client.finished(task_id);
  expect(task).toMatchObject({ status: 'failed', error: { code: 'result_unreadable' } });
});

test('a Retry-After of ten years holds the channel for ten minutes at most', async ({ world }) => {
  const { redis, keys } = world.records;
  const prompt = 'ten years [[sim: submit=429 retry_after=315360000 times=1]]';
  await world.client.submit({ model, prompt });
  await world.upstream.until(() => world.upstream.submissions({ prompt }).some((s) => s.status === 429));
  await world.worker.logged('channel held');
  const heldFor = Number(await redis.hget(keys.gate('default'), 'held_until')) - Date.now();
  expect(heldFor).toBeGreaterThan(590_000);
  expect(heldFor).toBeLessThanOrEqual(600_000);
});
