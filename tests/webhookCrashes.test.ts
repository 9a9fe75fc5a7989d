import { expect, onTestFinished, test } from 'vitest';
import { awaited } from './world/awaited.ts';
import { createWorld } from './world/createWorld.ts';
import { startReceiver } from './world/receiver.ts';

const model = 'NanoBanana';

/** A world whose deliveries of a dead worker are taken over soon, and a receiver that is told of everything. */
async function toldWorld() {
  const world = await createWorld({
    env: { LOCK_SECONDS: '2', STALLED_CHECK_SECONDS: '0.6', SWEEP_INTERVAL_SECONDS: '1', WEBHOOK_TIMEOUT_SECONDS: '1' },
  });
  const receiver = await startReceiver();
  onTestFinished(async () => {
    await world.close();
    await receiver.close();
  });
  const { body } = await world.client.request<{ data: { id: string; secret: string } }>('POST', '/v1/webhooks', {
    json: { url: receiver.url, events: ['task.succeeded'] },
  });
  receiver.secrets.push(body.data.secret);
  const deliveries = async () => {
    const path = `/v1/webhooks/${body.data.id}/deliveries`;
    const answer = await world.client.request<{ data: { items: { status: string }[] } }>('GET', path);
    return answer.body.data.items;
  };
  return { world, receiver, deliveries };
}

test('a worker that dies in mid-delivery: the event arrives, and its repeat has the same id', async () => {
  const { world, receiver, deliveries } = await toldWorld();
  const arrived = new Promise<void>((resolve) => {
    // The first request is never answered: its worker dies while it waits.
    receiver.answer = () => {
      receiver.answer = undefined;
      resolve();
    };
  });
  const { task_id } = await world.client.submit({ model, prompt: 'told twice' });
  await arrived;
  world.worker.kill('SIGKILL');
  await world.startWorker();
  await receiver.until(() => receiver.received.length === 2);
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
  expect(receiver.received.every(({ data }) => data.task_id === task_id)).toBe(true);
  await awaited(async () => (await deliveries()).every(({ status }) => status === 'delivered'));
  expect(receiver.unverified).toEqual([]);
}, 60_000);

test('a task that ended unheard, since its worker died between end and event, is told of by the next sweep', async () => {
  const { world, receiver, deliveries } = await toldWorld();
  const { redis, keys } = world.records;
  const { task_id } = await world.client.submit({ model, prompt: 'ended unheard' });
  await world.client.finished(task_id);
  await receiver.until(() => receiver.received.length === 1);
  await awaited(async () => (await deliveries()).every(({ status }) => status === 'delivered'));
  // As a crash right after the finish leaves it: ended, among the done, and nothing dispatched.
  const [delivery] = await redis.keys('*:delivery:*');
  await redis.del(delivery!, ...(await redis.keys('*:deliveries:*')));
  await awaited(async () => (await redis.zscore(keys.kept(task_id), task_id)) !== null);
  await redis.zrem(keys.kept(task_id), task_id);
  await redis.zadd(keys.done(task_id), Date.now() - 60_000, task_id);
  await receiver.until(() => receiver.received.length === 2);
  expect(receiver.received[1]!.id).toBe(receiver.received[0]!.id);
}, 60_000);

test('100 tasks under two workers that are killed again and again: each end is told, every repeat under its id', async () => {
  const { world, receiver } = await toldWorld();
  let worker = world.worker;
  const tasks = await Promise.all(
    Array.from({ length: 100 }, (_, i) => world.client.submit({ model, prompt: `stormy ${i} [[sim: duration=500]]` })),
  );
  for (let kills = 1; kills <= 3; kills++) {
    await receiver.until(() => receiver.received.length >= kills * 20);
    const next = await world.startWorker();
    worker.kill('SIGKILL');
    worker = next;
  }
  const told = () => new Set(receiver.received.map(({ data }) => data.task_id));
  await awaited(() => told().size === 100);
  expect(told()).toEqual(new Set(tasks.map(({ task_id }) => task_id)));
  const ids = new Map<unknown, Set<string>>();
  for (const { id, data } of receiver.received) ids.set(data.task_id, (ids.get(data.task_id) ?? new Set()).add(id));
  expect([...ids.values()].every((set) => set.size === 1)).toBe(true);
  expect(receiver.unverified).toEqual([]);
}, 90_000);
