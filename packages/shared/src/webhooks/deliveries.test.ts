import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { createDelivery, noteTry, readDelivery, reopenDelivery } from './deliveries.ts';
import { type DeliveryId, deliveryIdOf } from './ids.ts';

const records = redisOfFile();
const hour = 3_600_000;
const made = { at: '2026-01-01T00:00:00.000Z', status: 500, ms: 3, error: null, body: '' };
let deliveries = 0;

async function created() {
  const id: DeliveryId = deliveryIdOf(`task_${deliveries++}`, 'task.succeeded', 'https://a.example/');
  const delivery = { id, key_id: 'k_a', event: 'task.succeeded', subject: 'task_a', created_at_ms: 1 } as const;
  expect(await createDelivery(records, delivery, hour)).toBe(true);
  return { delivery, key: records.keys.delivery('k_a', id), read: () => readDelivery(records, 'k_a', id) };
}

test('what Redis has lost of a delivery is not brought back by its next try', async () => {
  const { key, read } = await created();
  const delivery = (await read())!;
  await records.redis.del(key);
  await noteTry(records, delivery, made, { status: 'pending', next_attempt_at_ms: 5 });
  await reopenDelivery(records, delivery);
  expect(await records.redis.exists(key)).toBe(0);
});

test('a delivery of which but its status is left is none, and is made whole by whoever dispatches it again', async () => {
  const { delivery, key, read } = await created();
  await records.redis.del(key);
  await records.redis.hset(key, 'status', 'pending');
  expect(await read()).toBeUndefined();
  expect(await createDelivery(records, delivery, hour)).toBe(true);
  expect(await read()).toMatchObject({ ...delivery, status: 'pending' });
  expect(await records.redis.pttl(key)).toBeGreaterThan(0);
});

test('dispatching a delivery again leaves what has become of it', async () => {
  const { delivery, read } = await created();
  await noteTry(records, (await read())!, made, { status: 'delivered' });
  expect(await createDelivery(records, delivery, hour)).toBe(false);
  expect(await read()).toMatchObject({ status: 'delivered', tries: 1, attempts: [made] });
});

test('the time of the next try goes with the last one', async () => {
  const { read } = await created();
  await noteTry(records, (await read())!, made, { status: 'pending', next_attempt_at_ms: 5 });
  expect(await read()).toMatchObject({ status: 'pending', next_attempt_at_ms: 5 });
  await noteTry(records, (await read())!, made, { status: 'failed' });
  expect((await read())?.next_attempt_at_ms).toBeUndefined();
});
