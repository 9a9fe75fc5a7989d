import { expect, onTestFinished, test } from 'vitest';
import { startTestCluster } from './world/cluster.ts';
import { sweep } from './world/sweep.ts';
import { createWorld } from './world/world.ts';

test('everything works on a Redis Cluster: no key, script or pipeline crosses slots', async () => {
  const redis = await startTestCluster();
  onTestFinished(() => redis.stop());
  const channel = (id: string, base_url: string) => ({
    id,
    base_url,
    api_key_env: 'UPSTREAM_API_KEY',
    submits_per_minute: 0,
    models: [{ id: 'NanoBanana', price: '0.01', images_per_submission: 1 }],
  });
  const world = await createWorld({
    redis,
    env: { REDIS_CLUSTER: 'true' },
    channels: (url) => ({ channels: ['a', 'b', 'c'].map((id) => channel(id, url)) }),
  });
  onTestFinished(() => world.close());

  const tasks = await Promise.all(
    Array.from({ length: 30 }, (_, i) =>
      world.client.submit({ model: 'NanoBanana', prompt: `cluster ${i}`, n: 2 }, { 'idempotency-key': `c${i}` }),
    ),
  );
  const ended = await Promise.all(tasks.map(({ task_id }) => world.client.finished(task_id)));

  for (const task of ended) expect(task).toMatchObject({ status: 'succeeded', metadata: { result_count: 2 } });
  expect(new Set(ended.map((task) => task.metadata.channel))).toEqual(new Set(['a', 'b', 'c']));
  const { body } = await world.client.request<{ data: { items: unknown[] } }>('GET', '/v1/images/tasks?limit=100');
  expect(body.data.items).toHaveLength(30);
  const slow = await world.client.submit({ model: 'NanoBanana', prompt: 'canceled [[sim: duration=600000]]' });
  await world.upstream.until(() => world.upstream.submissions({ prompt: 'canceled' }).length === 1);
  expect((await world.client.cancel(slow.task_id)).status).toBe(200);
  expect((await world.client.request('DELETE', `/v1/images/tasks/${slow.task_id}`)).status).toBe(200);
  expect(await sweep(world)).toEqual({});
  expect(world.worker.logs().filter(({ msg }) => String(msg).startsWith('sweep: a duty failed'))).toEqual([]);
});
