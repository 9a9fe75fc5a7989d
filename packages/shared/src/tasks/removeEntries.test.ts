import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { createTask } from './createTask.ts';
import { newTaskId } from './ids.ts';
import { listTasks } from './listTasks.ts';
import { removeEntries } from './removeEntries.ts';
import { created_at_ms, never_late_ms, ordered, orderOf } from './testing/orders.ts';

const records = redisOfFile();
const hour = 3_600_000;

/** What a list finds to have no task. */
async function missingOf(keyId: string) {
  return (await listTasks(records, keyId, { filter: {}, limit: 20, after: undefined })).missing;
}

const indexOf = (keyId: string) => records.redis.zrange(records.keys.tasksOf(keyId), 0, '-1');

test('the entry of a task that never came to be is removed once it is old, and once', async () => {
  const key_id = 'k_aaaaaaaaaaaaaaaa';
  const { id } = await ordered(records, { key_id });
  await records.redis.zadd(records.keys.tasksOf(key_id), created_at_ms, newTaskId());
  const missing = await missingOf(key_id);
  expect(missing).toHaveLength(1);
  expect(await removeEntries(records, key_id, missing, created_at_ms + 5000)).toBe(0);
  expect(await removeEntries(records, key_id, missing, created_at_ms + hour)).toBe(1);
  expect(await removeEntries(records, key_id, missing, created_at_ms + hour)).toBe(0);
  expect(await indexOf(key_id)).toEqual([id]);
});

test('an entry that the repeat of its request has taken for its own stays', async () => {
  const order = orderOf({ key_id: 'k_bbbbbbbbbbbbbbbb' });
  await records.redis.zadd(records.keys.tasksOf(order.key_id), order.created_at_ms, order.id);
  const missing = await missingOf(order.key_id);
  // Whoever listed the entries has seen no record; meanwhile the request is repeated.
  const repeated = { ...order, created_at_ms: created_at_ms + hour };
  expect(await createTask(records, repeated, never_late_ms)).toBe('created');
  expect(await removeEntries(records, order.key_id, missing, created_at_ms + hour)).toBe(0);
  expect(await indexOf(order.key_id)).toEqual([order.id]);
});
