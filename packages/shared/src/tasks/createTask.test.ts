import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { createTask, recordOf } from './createTask.ts';
import { newTaskId } from './ids.ts';
import { readHash, readTask } from './readTask.ts';
import { created_at_ms, never_late_ms, ordered, orderOf } from './testing/orders.ts';

const records = redisOfFile();

test('a created task reads back as it was ordered', async () => {
  const order = orderOf({
    part_sizes: [2, 1],
    labels: { tier: 'gold', 'ключ "': 'värde\n\u0000' },
    priority: 'batch',
    webhook: { url: 'https://example.com/hook', events: ['task.failed'], metadata: { nested: [1, null] } },
    request: {
      ...orderOf().request,
      prompt: `"quotes", \\ and 梨 ${'x'.repeat(32_000)}`,
      inputs: [
        { kind: 'url', url: 'https://example.com/a.png' },
        { kind: 'stored', key: 'task_x/input-0.png', media_type: 'image/png' },
      ],
    },
  });
  expect(await createTask(records, order, never_late_ms)).toBe('created');
  const { part_sizes: _sizes, ...written } = order;
  expect(await readTask(records, order.id)).toMatchObject({
    ...written,
    v: 1,
    status: 'queued',
    progress: 0,
    possibly_duplicated: false,
    history: '',
    parts: [2, 1].map((n) => ({ state: 'queued', n, fence: 0, starts: 0, attempt: 0, next_attempt: 1, tries: 0 })),
  });
});

test('a new task stands among the open ones and in the index of its API key, nowhere else', async () => {
  const { redis, keys } = records;
  const { id, key_id } = await ordered(records, { key_id: 'k_1111111111111111' });
  expect(await redis.zscore(keys.open(id), id)).toBe(String(created_at_ms));
  expect(await redis.zscore(keys.tasksOf(key_id), id)).toBe(String(created_at_ms));
  expect(await redis.zscore(keys.done(id), id)).toBeNull();
  expect(await redis.ttl(keys.task(id))).toBe(-1);
});

test('the same request under the same id is a repeat, and changes nothing', async () => {
  const order = await ordered(records);
  const before = await readHash(records, order.id);
  const again = { ...order, created_at_ms: created_at_ms + 5000, deadline_at_ms: 1, channel: 'other', part_sizes: [9] };
  expect(await createTask(records, again, never_late_ms)).toBe('repeated');
  expect(await readHash(records, order.id)).toEqual(before);
  expect(await records.redis.zscore(records.keys.tasksOf(order.key_id), order.id)).toBe(String(created_at_ms));
});

test('another request under the same id is a clash, and changes nothing', async () => {
  const order = await ordered(records);
  const before = await readHash(records, order.id);
  expect(await createTask(records, { ...order, fingerprint: 'e'.repeat(64) }, never_late_ms)).toBe('clash');
  expect(await readHash(records, order.id)).toEqual(before);
});

test('a create that runs too late by Redis’ own clock writes no task', async () => {
  const order = orderOf();
  const [seconds] = await records.redis.time();
  expect(await createTask(records, order, Number(seconds) * 1000 - 1)).toBe('late');
  expect(await readTask(records, order.id)).toBeUndefined();
  expect(await records.redis.zscore(records.keys.open(order.id), order.id)).toBeNull();
});

test('a late repeat is still told that its task exists', async () => {
  const order = await ordered(records);
  expect(await createTask(records, order, 1)).toBe('repeated');
});

test('of many creates at once exactly one is the first', async () => {
  const order = orderOf();
  const words = await Promise.all(Array.from({ length: 50 }, () => createTask(records, order, never_late_ms)));
  expect(words.filter((word) => word === 'created')).toHaveLength(1);
  expect(words.filter((word) => word === 'repeated')).toHaveLength(49);
});

test('a task of a hundred parts is written whole', async () => {
  const { id } = await ordered(records, { part_sizes: Array.from({ length: 100 }, () => 1) });
  expect((await readTask(records, id))?.parts).toHaveLength(100);
});

test('there is no task where none was written', async () => {
  expect(await readTask(records, newTaskId())).toBeUndefined();
});

test('a new record is known without being read', async () => {
  for (const order of [
    orderOf(),
    orderOf({ part_sizes: [2, 1], labels: { album: 'pears' }, weight: 3, placed: true }),
  ]) {
    await createTask(records, order, never_late_ms);
    expect(recordOf(order)).toEqual(await readTask(records, order.id));
  }
});
