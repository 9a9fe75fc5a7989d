import { newTaskId, type PublicTask, recordVersion } from '@darkroom/shared/tasks';
import { expect } from 'vitest';
import type { Envelope } from './world/client.ts';
import { scrape } from './world/scrape.ts';
import { testIn, type World } from './world/world.ts';

const test = testIn({ env: { METRICS_PORT: '0' } });

async function list(world: World) {
  const { status, body } = await world.client.request<Envelope<{ items: PublicTask[] }>>('GET', '/v1/images/tasks');
  return { status, ids: body.data?.items.map(({ task_id }) => task_id) };
}

async function made(world: World, prompt: string): Promise<string> {
  const { task_id } = await world.client.submit({ model: 'NanoBanana', prompt });
  return (await world.client.finished(task_id)).task_id;
}

test('a task of a newer release is left out of the list of an older one, which shows all others and says so', async ({
  world,
}) => {
  const { redis, keys } = world.records;
  const tasks = [await made(world, 'first'), await made(world, 'of a newer release'), await made(world, 'last')];
  const [first, newer, last] = tasks as [string, string, string];
  await redis.hset(keys.task(newer), 'v', recordVersion + 1);
  expect(await list(world)).toEqual({ status: 200, ids: [last, first] });
  const said = await world.api.logged('left out of a list: tasks that cannot be read');
  expect(said).toMatchObject({ count: 1, task: newer, err: expect.stringContaining('Update this process') });
  await redis.hset(keys.task(newer), 'v', recordVersion);
  expect(await list(world)).toEqual({ status: 200, ids: [last, newer, first] });
});

test('the entry of a create that died before its record is removed when a list comes upon it', async ({ world }) => {
  const { redis, keys } = world.records;
  const id = await made(world, 'came to be');
  const index = keys.tasksOf((await redis.hget(keys.task(id), 'key_id'))!);
  const [old, young] = [newTaskId(), newTaskId()];
  await redis.zadd(index, Date.now() - 3_600_000, old, Date.now(), young);
  const { ids } = await list(world);
  expect(ids).toContain(id);
  const { value } = await scrape(world.api);
  expect(value('darkroom_repairs_total', { duty: 'index_entries_removed' })).toBe(1);
  expect(await redis.zmscore(index, old, young)).toEqual([null, expect.any(String)]);
  expect(await world.api.logged('list: entries had no task; they were removed')).toMatchObject({ count: 1 });
  await list(world);
  expect((await scrape(world.api)).value('darkroom_repairs_total', { duty: 'index_entries_removed' })).toBe(1);
});
