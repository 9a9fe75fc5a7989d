import { newTaskId } from '@darkroom/shared/tasks';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { refusalOf } from '../../../../tests/world/problemOf.ts';
import { cursorOf, parseListQuery } from './listQuery.ts';

test('without a query it is the newest twenty of all', () => {
  expect(parseListQuery({})).toEqual({ limit: 20, after: undefined, filter: {} });
  expect(parseListQuery({ cursor: '' })).toEqual({ limit: 20, after: undefined, filter: {} });
});

test('every filter is read', () => {
  const query = { limit: '100', status: 'failed', model: 'NanoBanana', label: ['tier:gold', 'url:https://x:1'] };
  expect(parseListQuery(query)).toEqual({
    limit: 100,
    after: undefined,
    filter: {
      status: 'failed',
      model: 'NanoBanana',
      labels: [
        ['tier', 'gold'],
        ['url', 'https://x:1'],
      ],
    },
  });
  expect(parseListQuery({ label: 'empty:' }).filter.labels).toEqual([['empty', '']]);
});

test('a cursor leads back to where its page ended', () => {
  fc.assert(
    fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (created_at_ms) => {
      const position = { created_at_ms, id: newTaskId() };
      const cursor = cursorOf(position);
      expect(cursor).toMatch(/^[\w-]+$/);
      expect(parseListQuery({ cursor }).after).toEqual(position);
    }),
  );
});

const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('refused, naming the parameter:', () => {
  test.each<[Record<string, unknown>, string]>([
    ...['0', '101', '-1', '1.5', '1e1', 'all', '', ['1', '2']].map((limit): [object & {}, string] => [
      { limit },
      'limit',
    ]),
    [{ status: 'done' }, 'status'],
    [{ status: ['failed', 'queued'] }, 'status'],
    [{ status: '' }, 'status'],
    [{ model: ['a', 'b'] }, 'model'],
    [{ label: 'gold' }, 'label'],
    [{ label: ':gold' }, 'label'],
    [{ label: ['a:b', 'c'] }, 'label'],
    [{ cursor: 'nonsense' }, 'cursor'],
    [{ cursor: ['a', 'b'] }, 'cursor'],
    ...[null, {}, [], [1], ['1', newTaskId()], [1, 'task_x'], [1.5, newTaskId()], [1e300, newTaskId()]].map(
      (value): [Record<string, unknown>, string] => [{ cursor: forged(value) }, 'cursor'],
    ),
  ] as [Record<string, unknown>, string][])('%j', (query, field) => {
    expect(refusalOf(() => parseListQuery(query))).toEqual(['invalid_request', field]);
  });
});
