import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asText, errorOf, membersOf, retryAfterMs, taskOf } from './readAnswer.ts';

test.each([
  '',
  '   ',
  'null',
  '42',
  '"text"',
  '[]',
  '[{"task_id":"t"}]',
  '<html>502</html>',
  '{"a":',
  'undefined',
  '\uFEFF',
])('%j is no answer', (text) => expect(membersOf(text)).toBeUndefined());

test('a whole number that is too large to be exact keeps its digits, for it is an id', () => {
  expect(membersOf('{"task_id": 1320098173412546123, "n": 12, "price": 1.5e300}')).toEqual({
    task_id: '1320098173412546123',
    n: 12,
    price: 1.5e300,
  });
});

test.each<[object, object]>([
  [{ data: { task_id: 't' } }, { task_id: 't' }],
  [{ data: [{ task_id: 't' }, { task_id: 'u' }] }, { task_id: 't' }],
  [
    { task_id: 't', data: null },
    { task_id: 't', data: null },
  ],
  [
    { task_id: 't', data: [] },
    { task_id: 't', data: [] },
  ],
  [
    { task_id: 't', data: 'text' },
    { task_id: 't', data: 'text' },
  ],
])('of %j the task is %j', (answer, task) => expect(taskOf(answer as Record<string, unknown>)).toEqual(task));

test.each<[object, string | null, string | null]>([
  [{ code: 'bad', message: 'no' }, 'bad', 'no'],
  [{ code: 'bad', msg: 'no' }, 'bad', 'no'],
  [{ code: 'bad', detail: 'no' }, 'bad', 'no'],
  [{ code: 1001, message: 'no' }, '1001', 'no'],
  [{ code: 'bad', message: '' }, 'bad', null],
  [{ message: 'no' }, null, 'no'],
  [{ detail: 'no' }, null, 'no'],
  [{ detail: [{ loc: ['body', 'n'], msg: 'too large', type: 'value_error' }] }, 'value_error', 'too large'],
  [{ error: 'no' }, null, 'no'],
  [{ error: { message: 'no', type: 'invalid_request_error', code: null, param: null } }, 'invalid_request_error', 'no'],
  [{ error: { message: 'no', type: 'x', code: 'bad' } }, 'bad', 'no'],
  [{ error: { code: 429, message: 'no', status: 'RESOURCE_EXHAUSTED' } }, '429', 'no'],
  [{ error: true, message: 'no' }, null, 'no'],
  [{ errors: [{ code: 'bad', message: 'no' }] }, 'bad', 'no'],
  [{ errors: ['no'] }, null, 'no'],
  [{ success: false, message: 'no' }, null, 'no'],
  [{ code: 'success', data: { error: { code: 'bad', message: 'no' } } }, 'bad', 'no'],
  [{ code: 'success', data: { error: 'no' } }, null, 'no'],
  [{ code: 'bad', message: 'no', data: null }, 'bad', 'no'],
])('%j tells %s: %s', (answer, code, message) => {
  expect(errorOf(answer as Record<string, unknown>)).toEqual({ code, message });
});

test.each<object>([
  {},
  { code: 'success', message: '' },
  { code: 'SUCCESS', message: 'anything' },
  { code: 0, msg: 'ok' },
  { code: '200', message: 'OK' },
  { code: 200, error: null },
  { message: 'ok' },
  { message: 'submitted', task_id: 't' },
  { message: 'submitted', data: { task_id: 't' } },
  { message: 'submitted', data: { id: 7 } },
  { error: '', data: { task_id: 't' } },
  { error: {}, task_id: 't' },
  { error: 0 },
  { error: false },
  { error: 'null' },
  { error: { code: 0, message: '' } },
  { error: { code: '', message: '' } },
  { errors: [], detail: [] },
])('%j tells no error', (answer) => expect(errorOf(answer as Record<string, unknown>)).toBeUndefined());

test('words of an upstream are trimmed and bounded', () => {
  expect(asText('  a  ')).toBe('a');
  expect(asText('x'.repeat(10_000))).toHaveLength(500);
  expect(asText(12)).toBe('12');
  for (const value of ['', '  ', null, undefined, true, {}, [], Number.NaN]) expect(asText(value)).toBeUndefined();
});

const now_ms = Date.UTC(2026, 0, 1);

test.each<[string | string[] | undefined, number | undefined]>([
  [undefined, undefined],
  ['', undefined],
  ['soon', undefined],
  ['12', 12_000],
  ['0', 0],
  ['1.5', 1500],
  [' 3 ', 3000],
  [['4', '5'], 4000],
  ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
  ['Thu, 01 Jan 2026 00:00:30 +0000', 30_000],
  ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
  ['-5', undefined],
  ['10s', undefined],
  ['1, 2', undefined],
])('Retry-After %j asks for %s ms', (header, ms) => expect(retryAfterMs(header, now_ms)).toBe(ms));

test('no Retry-After throws or asks for less than nothing', () => {
  fc.assert(
    fc.property(fc.string(), (header) => {
      const ms = retryAfterMs(header, now_ms);
      expect(ms === undefined || ms >= 0).toBe(true);
    }),
  );
});
