import { Queue } from 'bullmq';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { bandStarts, drawPriorities, type Payer, pullStragglers, removeWaiting } from './fairness.ts';

const file = redisOfFile();
const alice: Payer = { key_id: 'k_alice', weight: 1 };
const bob: Payer = { key_id: 'k_bob', weight: 1 };
const [interactive, batch] = bandStarts as [number, number];

let queues = 0;
const newQueue = () =>
  new Queue(`fair${++queues}`, {
    connection: file.redis,
    prefix: file.keys.queuePrefix(`q${queues}`),
    skipVersionCheck: true,
  });

/** Adds jobs named after their payer. */
async function add(queue: Queue, payer: Payer, count: number, band: 'interactive' | 'batch' = 'batch') {
  const priorities = await drawPriorities(file.redis, queue, band, payer, count);
  await queue.addBulk(
    priorities.map((priority, i) => ({
      name: payer.key_id,
      data: {},
      opts: { priority, jobId: `${payer.key_id}-${i}-${Math.random()}` },
    })),
  );
  return priorities;
}

/** Whose jobs are served, in order: the head of the queue leaves it, as when a worker takes it. */
async function serve(queue: Queue, count: number): Promise<string[]> {
  const served: string[] = [];
  for (let i = 0; i < count; i++) {
    const [id] = await file.redis.zpopmin(queue.toKey('prioritized'));
    if (id) served.push((await file.redis.hget(queue.toKey(id), 'name'))!);
  }
  return served;
}

test('who comes with little is served next, however much another one has waiting', async () => {
  const queue = newQueue();
  await add(queue, alice, 500);
  await serve(queue, 50);
  await add(queue, bob, 3);
  const next = await serve(queue, 8);
  expect(next.filter((name) => name === 'k_bob')).toHaveLength(3);
});

test('keys share by their weights', async () => {
  const queue = newQueue();
  const carol = { key_id: 'k_carol', weight: 3 };
  await add(queue, alice, 100);
  await add(queue, carol, 300);
  const served = await serve(queue, 200);
  expect(served.filter((name) => name === 'k_carol').length).toBeGreaterThanOrEqual(148);
  expect(served.filter((name) => name === 'k_alice').length).toBeGreaterThanOrEqual(48);
});

test('whoever was away is not paid back for it, and whoever was served alone does not pay', async () => {
  const queue = newQueue();
  await add(queue, alice, 100);
  await serve(queue, 100);
  await add(queue, bob, 10);
  await add(queue, alice, 10);
  expect((await serve(queue, 10)).filter((name) => name === 'k_alice').length).toBeGreaterThanOrEqual(4);
});

test('interactive jobs come before every job of a batch', async () => {
  const queue = newQueue();
  await add(queue, alice, 20);
  await add(queue, alice, 5, 'interactive');
  expect(await drawPriorities(file.redis, queue, 'interactive', bob, 1)).toSatisfy(([p]) => p! < batch);
  const priorities = await file.redis.zrange(queue.toKey('prioritized'), '0', '4', 'WITHSCORES');
  expect(priorities.filter((_, i) => i % 2).every((score) => Number(score) < batch * 2 ** 32)).toBe(true);
});

test('a canceled waiting job gives its tag back only where it was its key’s last', async () => {
  const queue = newQueue();
  await add(queue, bob, 1);
  const [first] = await drawPriorities(file.redis, queue, 'batch', alice, 1);
  await queue.add('k_alice', {}, { priority: first, jobId: 'one' });
  const [second] = await drawPriorities(file.redis, queue, 'batch', alice, 1);
  await queue.add('k_alice', {}, { priority: second, jobId: 'two' });
  expect(await removeWaiting(file.redis, queue, 'batch', alice, 'two')).toBe(true);
  expect(await drawPriorities(file.redis, queue, 'batch', alice, 1)).toEqual([second]);
  expect(await removeWaiting(file.redis, queue, 'batch', alice, 'one')).toBe(true);
  expect(await drawPriorities(file.redis, queue, 'batch', alice, 1)).toEqual([second! + 1]);
});

test('a queue that never empties is shifted down, and keeps its order and its shares', async () => {
  const queue = newQueue();
  const size = 2 ** 20 - 1;
  // A head that has passed the middle of its band, as after days without a pause.
  await file.redis.hset(queue.toKey('fair:batch'), 'k_alice', String(size / 2 + 10));
  await queue.add('k_alice', {}, { priority: batch + Math.floor(size / 2) + 9, jobId: 'head' });
  await add(queue, alice, 50);
  const before = await file.redis.zrange(queue.toKey('prioritized'), '0', '-1');
  await add(queue, bob, 5);
  const after = await file.redis.zrange(queue.toKey('prioritized'), '0', '-1', 'WITHSCORES');
  const ids = after.filter((_, i) => i % 2 === 0);
  expect(ids.filter((id) => before.includes(id))).toEqual(before);
  await add(queue, bob, 5);
  const last = Number((await file.redis.zrange(queue.toKey('prioritized'), '-1', '-1', 'WITHSCORES'))[1]);
  expect(last / 2 ** 32).toBeLessThan(batch + 100);
  for (const id of before) {
    const stored = await file.redis.hget(queue.toKey(id), 'priority');
    const score = await file.redis.zscore(queue.toKey('prioritized'), id);
    expect(Number(stored)).toBe(Math.floor(Number(score) / 2 ** 32));
  }
  expect((await serve(queue, 12)).filter((name) => name === 'k_bob').length).toBeGreaterThanOrEqual(5);
});

test('a job whose turn was drawn before a shift and that was added after it is pulled to the head', async () => {
  const queue = newQueue();
  const late = batch + 2 ** 19 + 5;
  await add(queue, alice, 10);
  await queue.add('straggler', {}, { priority: late, jobId: 'straggler' });
  expect(await pullStragglers(file.redis, queue, 'batch')).toBe(1);
  expect(await pullStragglers(file.redis, queue, 'batch')).toBe(0);
  expect(await serve(queue, 3)).toContain('straggler');
  expect(await pullStragglers(file.redis, newQueue(), 'interactive')).toBe(0);
});

test('a key that would leave its band waits at its end; nothing is refused or lost', async () => {
  const queue = newQueue();
  const slow = { key_id: 'k_slow', weight: 0.001 };
  await add(queue, slow, 1200, 'interactive');
  await add(queue, slow, 10, 'interactive');
  expect(await file.redis.zcard(queue.toKey('prioritized'))).toBe(1210);
  const top = Number((await file.redis.zrange(queue.toKey('prioritized'), '-1', '-1', 'WITHSCORES'))[1]) / 2 ** 32;
  expect(top).toBeLessThan(batch);
  expect(top).toBeGreaterThanOrEqual(interactive);
});

test('whoever adds and is served in whatever order, nobody waits for more than the others’ shares', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('add' as const), who: fc.nat(3), count: fc.integer({ min: 1, max: 20 }) }),
    fc.record({ kind: fc.constant('serve' as const), count: fc.integer({ min: 1, max: 20 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
      const queue = newQueue();
      for (const one of steps) {
        if (one.kind === 'add') await add(queue, { key_id: `k_${one.who}`, weight: 1 }, one.count);
        else await serve(queue, one.count);
      }
      // A newcomer's single job is passed at most once by each key that waits.
      await add(queue, bob, 1);
      const served = await serve(queue, 5);
      expect(served).toContain('k_bob');
    }),
    { numRuns: 40 },
  );
}, 60_000);
