import { beforeAll, describe, expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { cancelTask } from './cancelTask.ts';
import type { NewTask } from './createTask.ts';
import { newTaskId } from './ids.ts';
import { type ListPosition, listTasks, type TaskFilter } from './listTasks.ts';
import { readTask } from './readTask.ts';
import { RecordTooNew } from './record.ts';
import { created_at_ms, ordered, orderOf } from './testing/orders.ts';

const records = redisOfFile();

/** Every page of a list, as a client that follows `next` sees them. */
async function pages(keyId: string, limit: number, filter: TaskFilter = {}): Promise<string[][]> {
  const all: string[][] = [];
  let after: ListPosition | undefined;
  do {
    const page = await listTasks(records, keyId, { filter, limit, after });
    all.push(page.tasks.map(({ id }) => id));
    after = page.next;
  } while (after && all.length < 500);
  return all;
}

/** Newest first; within a millisecond by id, descending. */
const newestFirst = (tasks: NewTask[]) =>
  [...tasks].sort((a, b) => b.created_at_ms - a.created_at_ms || (a.id < b.id ? 1 : -1)).map(({ id }) => id);

describe('150 tasks, most of them of the same millisecond', () => {
  const key_id = 'k_aaaaaaaaaaaaaaaa';
  let tasks: NewTask[];
  beforeAll(async () => {
    const times = Array.from({ length: 150 }, (_, i) => created_at_ms + (i < 130 ? 0 : i));
    tasks = await Promise.all(
      times.map((at, i) =>
        ordered(records, {
          key_id,
          created_at_ms: at,
          labels: i % 50 === 0 ? { batch: 'one', n: String(i) } : {},
          request: { ...orderOf().request, model: i % 3 === 0 ? 'NanoBanana' : 'NanoBanana2-1K' },
        }),
      ),
    );
    for (const [i, { id }] of tasks.entries()) {
      if (i % 10 === 0) await cancelTask(records, id, key_id, created_at_ms);
    }
  });

  test.each([1, 7, 20, 100])('are listed newest first in pages of %i, each once', async (limit) => {
    const listed = await pages(key_id, limit);
    expect(listed.flat()).toEqual(newestFirst(tasks));
    for (const page of listed.slice(0, -1)) expect(page).toHaveLength(limit);
    expect(listed).toHaveLength(Math.ceil(150 / limit));
  });

  test.for<[string, TaskFilter, (i: number) => boolean]>([
    ['status', { status: 'canceled' }, (i) => i % 10 === 0],
    ['model', { model: 'NanoBanana' }, (i) => i % 3 === 0],
    ['label', { labels: [['batch', 'one']] }, (i) => i % 50 === 0],
    [
      'several labels',
      {
        labels: [
          ['batch', 'one'],
          ['n', '50'],
        ],
      },
      (i) => i === 50,
    ],
    ['all at once', { status: 'canceled', model: 'NanoBanana', labels: [['batch', 'one']] }, (i) => i === 0],
    ['what nothing has', { labels: [['batch', 'two']] }, () => false],
  ])('filtered by %s, only those that match are listed', async ([, filter, matches]) => {
    const listed = await pages(key_id, 4, filter);
    expect(listed.flat()).toEqual(newestFirst(tasks.filter((_, i) => matches(i))));
  });

  test('a page that ends the list has no next', async () => {
    const page = await listTasks(records, key_id, { filter: { status: 'canceled' }, limit: 15, after: undefined });
    expect(page.tasks).toHaveLength(15);
    expect(page.next).toBeUndefined();
  });

  test('a task that comes in between two pages neither repeats nor hides another', async () => {
    const first = await listTasks(records, key_id, { filter: {}, limit: 75, after: undefined });
    const late = await ordered(records, { key_id: 'k_other', created_at_ms: created_at_ms + 500 });
    await records.redis.zadd(records.keys.tasksOf(key_id), late.created_at_ms, late.id);
    const second = await listTasks(records, key_id, { filter: {}, limit: 75, after: first.next });
    expect([...first.tasks, ...second.tasks].map(({ id }) => id)).toEqual(newestFirst(tasks));
  });
});

test('a key without tasks has an empty list', async () => {
  expect(await pages('k_0000000000000000', 20)).toEqual([[]]);
});

test('index entries without a record, of another key, or that are no ids are passed over', async () => {
  const key_id = 'k_bbbbbbbbbbbbbbbb';
  const { id } = await ordered(records, { key_id });
  const other = await ordered(records, { key_id: 'k_cccccccccccccccc' });
  const index = records.keys.tasksOf(key_id);
  await records.redis.zadd(index, created_at_ms, newTaskId(), created_at_ms, other.id, created_at_ms, 'junk');
  expect(await pages(key_id, 20)).toEqual([[id]]);
});

test('a filter that matches little costs a bounded look, and the list goes on from there', async () => {
  const key_id = 'k_dddddddddddddddd';
  const newer = Array.from({ length: 5300 }, (_, i) =>
    ordered(records, { key_id, created_at_ms: created_at_ms + 1 + i }),
  );
  await Promise.all(newer);
  const { id } = await ordered(records, { key_id });
  await cancelTask(records, id, key_id, created_at_ms);
  const filter = { status: 'canceled' } as const;
  const first = await listTasks(records, key_id, { filter, limit: 20, after: undefined });
  expect(first.tasks).toEqual([]);
  expect(first.next).toBeDefined();
  const second = await listTasks(records, key_id, { filter, limit: 20, after: first.next });
  expect(second.tasks.map((task) => task.id)).toEqual([id]);
  expect(second.next).toBeUndefined();
});

test('tasks whose record has gone are looked up elsewhere, within a bound for each page', async () => {
  const key_id = 'k_eeeeeeeeeeeeeeee';
  const known = await readTask(records, (await ordered(records, { key_id })).id);
  const gone = Array.from({ length: 450 }, (_, i) => ({ created_at_ms: created_at_ms + 1 + i, id: newTaskId() }));
  await records.redis.zadd(
    records.keys.tasksOf(key_id),
    ...gone.flatMap(({ created_at_ms, id }) => [created_at_ms, id]),
  );
  const oldest = gone[0]!.id;
  const listed: string[] = [];
  let after: ListPosition | undefined;
  do {
    let asked = 0;
    const page = await listTasks(records, key_id, { filter: {}, limit: 20, after }, async (id) => {
      asked++;
      return id === oldest ? { ...known!, id } : undefined;
    });
    expect(asked).toBeLessThanOrEqual(200);
    listed.push(...page.tasks.map(({ id }) => id));
    after = page.next;
  } while (after);
  expect(listed).toEqual([oldest, known!.id]);
});

test('a task that cannot be read is left out and told, and hides no other', async () => {
  const key_id = 'k_ffffffffffffffff';
  const at = (later: number) => ordered(records, { key_id, created_at_ms: created_at_ms + later });
  const [first, newer, broken, gone, last] = [await at(0), await at(1), await at(2), await at(3), await at(4)];
  const { redis, keys } = records;
  await redis.hset(keys.task(newer.id), 'v', '2');
  await redis.hset(keys.task(broken.id), 'status', 'nonsense');
  await redis.del(keys.task(gone.id));
  const lookUp = () => Promise.reject(new RecordTooNew('its manifest is too new'));
  const page = await listTasks(records, key_id, { filter: {}, limit: 20, after: undefined }, lookUp);
  expect(page.tasks.map(({ id }) => id)).toEqual([last.id, first.id]);
  expect(page.unreadable).toEqual([
    { id: gone.id, why: 'its manifest is too new' },
    { id: broken.id, why: expect.stringContaining('not a task record') },
    { id: newer.id, why: expect.stringContaining('version 2') },
  ]);
  const away = () => Promise.reject(new Error('storage is away'));
  const list = listTasks(records, key_id, { filter: {}, limit: 20, after: undefined }, away);
  await expect(list).rejects.toThrow('storage is away');
});
