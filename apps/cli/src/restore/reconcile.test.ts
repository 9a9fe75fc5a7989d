import { openStore } from '@darkroom/shared/images';
import { keyNames } from '@darkroom/shared/redis';
import {
  createTask,
  isTaskId,
  manifestKey,
  manifestOf,
  newTaskId,
  readTask,
  type TaskId,
} from '@darkroom/shared/tasks';
import { beforeEach, expect, test } from 'vitest';
import { folderOfTest, redisOn } from '../testing/backups.ts';
import { type ReconcileDeps, reconcile } from './reconcile.ts';
import { reportOf } from './reconcileReport.ts';

const hour = 3_600_000;
const now = Date.now();
const restored = { taken_at_ms: now - hour, restored_at_ms: now - 1000 };
let deps: ReconcileDeps;

beforeEach(async () => {
  const { redis } = await redisOn(await folderOfTest());
  const store = await openStore({ driver: 'disk', directory: await folderOfTest() });
  const records = { redis, keys: keyNames('dr') };
  const signal = new AbortController().signal;
  deps = { records, store, restored, recordsKept_ms: 72 * hour, now: () => now, signal };
});

/** An unfinished record, as the backup has it. */
async function openTask(created_at_ms = now - 2 * hour): Promise<TaskId> {
  const id = newTaskId();
  const word = await createTask(
    deps.records,
    {
      id,
      key_id: 'k_alice',
      channel: 'main',
      fingerprint: 'f',
      request: {
        model: 'NanoBanana',
        prompt: 'a pear',
        task_type: 'text2image',
        inputs: [],
        aspect_ratio: null,
        output_format: null,
        n: 2,
      },
      labels: {},
      priority: 'interactive',
      unit_price: '0.0390',
      currency: 'USD',
      part_sizes: [2],
      created_at_ms,
      deadline_at_ms: now + hour,
    },
    now + hour,
  );
  expect(word).toBe('created');
  return id;
}

/** Stores a manifest that says that the task ended. */
async function endIn(id: TaskId, finished_at_ms: number): Promise<void> {
  const { redis, keys } = deps.records;
  const hash = await redis.hgetall(keys.task(id));
  const ended = { ...hash, status: 'succeeded', 'p0.state': 'succeeded', finished_at_ms: String(finished_at_ms) };
  await deps.store.put(manifestKey(id), manifestOf(ended), 'application/json');
}

/** Redis knows nothing of the task. */
async function forget(id: TaskId): Promise<void> {
  const { redis, keys } = deps.records;
  await redis.del(keys.task(id));
  await redis.zrem(keys.open(id), id);
  await redis.zrem(keys.tasksOf('k_alice'), id);
}

test('an unfinished record is put right by the manifest of its end; another one goes on, and is priced if it is posted again', async () => {
  const [ended, waits, young] = [await openTask(), await openTask(), await openTask(now)];
  await endIn(ended, now - 1000);
  const found = await reconcile(deps);
  expect(found).toMatchObject({ finished: 0, open: 2, ended: [ended], found: [], unowned: [], unreadable: [] });
  expect(found.doubtful).toEqual([{ id: waits, cost: '0.0780', currency: 'USD' }]);
  expect((await readTask(deps.records, ended))?.status).toBe('succeeded');
  expect((await readTask(deps.records, young))?.status).toBe('queued');
  expect(await reconcile(deps)).toMatchObject({ finished: 1, open: 2, ended: [] });
});

test('a finished task that storage alone knows is listed again; one past the retention of records without its record', async () => {
  const { redis, keys } = deps.records;
  const [young, old] = [await openTask(now - hour), await openTask(now - 100 * hour)];
  await endIn(young, now - 1000);
  await endIn(old, now - 99 * hour);
  for (const id of [young, old]) await forget(id);
  expect((await reconcile(deps)).found.sort()).toEqual([young, old].sort());
  expect(await redis.zrange(keys.tasksOf('k_alice'), 0, '-1')).toEqual([old, young]);
  expect((await readTask(deps.records, young))?.status).toBe('succeeded');
  expect(await readTask(deps.records, old)).toBeUndefined();
  expect(await redis.zscore(keys.archived(old), old)).toBe(String(now - 99 * hour));
  expect((await reconcile(deps)).found).toEqual([]);
});

test('what is nobody’s, what was removed since and what cannot be read are told, and nothing of them is changed', async () => {
  const { redis, keys } = deps.records;
  const [unowned, broken, gone, going] = [newTaskId(), newTaskId(), newTaskId(), newTaskId()];
  await deps.store.put(`${unowned}/0.png`, 'x', 'image/png');
  await deps.store.put('file-1/content.jsonl', 'x', 'text/plain');
  await deps.store.put(manifestKey(broken), 'no manifest', 'application/json');
  await redis.zadd(keys.kept(gone), now, gone);
  await deps.store.put(manifestKey(going), 'is being removed', 'application/json');
  await redis.zadd(keys.removals(going), now, going);
  const found = await reconcile(deps);
  expect(found).toMatchObject({ removed: [gone], unowned: [unowned], unreadable: [broken] });
  const report = reportOf(restored, found, [unowned]);
  for (const id of [gone, unowned, broken]) expect(report.join('\n')).toContain(id);
  expect(isTaskId(unowned) && (await deps.store.stat(`${unowned}/0.png`))).toEqual({ bytes: 1 });
});
