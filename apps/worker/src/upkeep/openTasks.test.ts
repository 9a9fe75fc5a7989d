import { newTaskId, type TaskId } from '@darkroom/shared/tasks';
import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { openTasks } from './openTasks.ts';

const records = redisOfFile();
const sweepEveryMs = 60_000;
const start = Date.UTC(2026, 0, 1);
const hour = 3_600_000;

/** Puts down so many unfinished tasks, as far as a sweep reads them. */
async function put(count: number, { changed_at_ms = start - hour, deadline_at_ms = start + 24 * hour } = {}) {
  const { redis, keys } = records;
  const ids = Array.from({ length: count }, () => newTaskId());
  const pipeline = redis.pipeline();
  for (const id of ids) {
    pipeline.hset(keys.task(id), { parts: 1, channel: 'default', deadline_at_ms, 'p0.state': 'queued' });
    pipeline.zadd(keys.open(id), changed_at_ms, id);
  }
  await pipeline.exec();
  return ids;
}

async function foundBy(sweep: number): Promise<Set<TaskId>> {
  const deps = { records, sweepEveryMs, isClosing: () => false, now: () => start + sweep * sweepEveryMs };
  const found = new Set<TaskId>();
  for await (const tasks of openTasks(deps)) for (const { id } of tasks) found.add(id);
  return found;
}

test('a sweep looks at every unfinished task while there are few', async () => {
  const ids = await put(1200);
  const found = await foundBy(0);
  expect(ids.every((id) => found.has(id))).toBe(true);
});

test('of many it looks at those that are overdue or have changed lately, and ten sweeps at all of them', async () => {
  const crowd = await put(6000);
  const overdue = await put(100, { deadline_at_ms: start - 1 });
  const lately = await put(100, { changed_at_ms: start - 2 * sweepEveryMs });
  const seen = new Set<TaskId>();
  for (let sweep = 0; sweep < 10; sweep++) {
    const found = await foundBy(sweep);
    expect(overdue.every((id) => found.has(id))).toBe(true);
    if (sweep < 2) expect(lately.every((id) => found.has(id))).toBe(true);
    const share = crowd.filter((id) => found.has(id)).length;
    expect(share).toBeGreaterThan(crowd.length / 20);
    expect(share).toBeLessThan(crowd.length / 5);
    for (const id of found) seen.add(id);
  }
  expect([...crowd, ...lately].every((id) => seen.has(id))).toBe(true);
});
