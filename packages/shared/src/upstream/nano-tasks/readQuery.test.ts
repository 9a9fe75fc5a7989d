import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { QueryOutcome } from '../client.ts';
import { readQuery } from './readQuery.ts';

const now_ms = Date.UTC(2026, 0, 1);
const url = 'https://cdn.example/a.png';

const read = (status: number, body: unknown, headers: Record<string, string> = {}): QueryOutcome =>
  readQuery(
    { status, headers, text: typeof body === 'string' ? body : JSON.stringify(body) },
    'https://up.example',
    now_ms,
  );

/** The documented envelope around a task. */
const enveloped = (task: object) => ({ code: 'success', message: '', data: { task_id: 't-1', error: null, ...task } });

test('the documented answer is read', () => {
  const metadata = { task_type: 'text2image', result_count: 1 };
  expect(read(200, enveloped({ status: 'succeeded', progress: '100%', result_url: url, metadata }))).toEqual({
    kind: 'succeeded',
    results: [{ url }],
  });
});

describe('a status is found wherever it stands', () => {
  test.each<[unknown]>([
    [enveloped({ status: 'processing' })],
    [enveloped({ state: 'processing' })],
    [enveloped({ task_status: 'processing' })],
    [{ task_id: 't-1', status: 'processing' }],
    [{ data: [{ task_id: 't-1', status: 'processing' }] }],
    [{ data: { task: { id: 't-1', status: 'processing' } } }],
    [{ status: 'processing', data: { task_id: 't-1' } }],
    [{ status: 'success', data: { task_id: 't-1', status: 'processing' } }],
    [{ status: 200, message: 'ok', data: { task_id: 't-1', task_status: 'processing' } }],
  ])('%j', (body) => expect(read(200, body)).toMatchObject({ kind: 'running', progress: undefined }));
});

describe('progress is read in every form', () => {
  test.each<[unknown, number | undefined]>([
    ['45%', 45],
    ['45', 45],
    ['45.6 %', 46],
    [45, 45],
    [0.45, 45],
    [0, 0],
    [1, 1],
    ['100%', 100],
    [250, 100],
    [-5, undefined],
    ['half', undefined],
    [null, undefined],
    [{}, undefined],
  ])('%j is %s', (progress, percent) => {
    expect(read(200, enveloped({ status: 'running', progress }))).toMatchObject({ kind: 'running', progress: percent });
  });
});

test('an unknown status counts as running and is told', () => {
  expect(read(200, enveloped({ status: 'Pondering…' }))).toMatchObject({ kind: 'running', unknown_word: 'Pondering…' });
  expect(read(200, enveloped({ status: 'x'.repeat(400) }))).toMatchObject({ unknown_word: 'x'.repeat(40) });
  expect(read(200, enveloped({ status: 'running' }))).not.toHaveProperty('unknown_word');
});

describe('a failure keeps the upstream’s words and is judged by them', () => {
  const policy = { code: 'content_policy_violation', message: 'Your prompt was flagged' };
  test.each<[object, string, string | null, string | null]>([
    [{ status: 'failed', error: policy }, 'content_policy', policy.code, policy.message],
    [{ status: 'FAILURE', error: 'internal error' }, 'temporary', null, 'internal error'],
    [{ status: 'error', error: { code: 'timeout', message: '' } }, 'temporary', 'timeout', null],
    [{ status: 'failed', fail_reason: 'GPU overloaded' }, 'temporary', null, 'GPU overloaded'],
    [{ status: 'failed', error_code: 'invalid_image', error_message: 'no' }, 'request', 'invalid_image', 'no'],
    [{ status: 'failed', code: 'invalid_prompt', message: 'no' }, 'request', 'invalid_prompt', 'no'],
    [{ status: 'failed', message: '内容违规' }, 'content_policy', null, '内容违规'],
    [{ status: 'failed', error: {} }, 'other', null, null],
    [{ status: 'failed' }, 'other', null, null],
    [{ status: 'failed', error: 'reference image not found' }, 'other', null, 'reference image not found'],
    [{ status: 'timeout' }, 'temporary', 'timeout', null],
    [{ status: 'EXPIRED', error: 'gone' }, 'temporary', null, 'gone'],
    [{ status: 'cancelled' }, 'other', 'cancelled', null],
  ])('%j is %s', (task, reason, code, message) => {
    expect(read(200, enveloped(task))).toEqual({ kind: 'failed', reason, said: { code, message, status: null } });
    expect(read(200, { message: 'query ok', data: { task_id: 't-1', ...task } })).toMatchObject({ reason });
  });
});

describe('a task that is not known is told as that, in whatever form', () => {
  test.each<[number, unknown]>([
    [404, ''],
    [404, { code: 'task_not_found', message: 'no' }],
    [404, '<html>Not Found</html>'],
    [410, ''],
    [400, { error: { message: 'task does not exist', code: 'invalid_request' } }],
    [400, { code: 'task_not_exist', message: '' }],
    [422, { message: '任务不存在' }],
    [200, { code: 'task_not_found', message: 'no', data: null }],
    [200, { code: 404, message: 'nothing here', data: null }],
    [200, { status: 'error', message: 'task not found' }],
  ])('%i %j', (status, body) => expect(read(status, body)).toEqual({ kind: 'not_found' }));
});

describe('an answer that tells nothing of the task never ends it', () => {
  test.each<[number, unknown]>([
    [200, ''],
    [200, '<html>maintenance</html>'],
    [200, '[]'],
    [200, {}],
    [200, { code: 'success', data: null }],
    [200, { code: 'success', data: { task_id: 't-1' } }],
    [200, { code: 500, message: 'internal error' }],
    [200, { code: 'rate_limit', message: 'slow down' }],
    [200, { code: 'bad_token', message: 'who?' }],
    [200, { error: { message: 'odd' } }],
    [301, ''],
    [400, { code: 'bad', message: 'no' }],
    [401, { code: 'unauthorized', message: 'API key not found' }],
    [403, ''],
    [429, ''],
    [500, { status: 'failed' }],
    [502, '<html></html>'],
    [503, enveloped({ status: 'failed', error: 'x' })],
  ])('%i %j', (status, body) => expect(read(status, body).kind).toBe('unavailable'));
});

test('pictures without a status speak for themselves', () => {
  const found = { kind: 'succeeded', results: [{ url }] };
  expect(read(200, { created: 1, data: [{ url }] })).toEqual(found);
  expect(read(200, { code: 'success', data: { task_id: 't-1', result_url: url } })).toEqual(found);
  expect(read(200, { success: true, message: 'done', data: { result_url: url } })).toEqual(found);
});

test('an error that names the task ends it even without a status', () => {
  const body = { code: 'success', data: { task_id: 't-1', error: { code: 'invalid_prompt', message: 'no' } } };
  expect(read(200, body)).toMatchObject({ kind: 'failed', reason: 'request' });
});

test('a success without pictures is a success without pictures', () => {
  expect(read(200, enveloped({ status: 'success', result_url: '' }))).toEqual({ kind: 'succeeded', results: [] });
});

test('a query that is asked to wait tells how long', () => {
  const headers = { 'retry-after': '3' };
  expect(read(429, '', headers)).toMatchObject({ kind: 'unavailable', retry_after_ms: 3000 });
  expect(read(503, '', headers)).toMatchObject({ kind: 'unavailable', retry_after_ms: 3000 });
  expect(read(200, enveloped({ status: 'running' }), headers)).toMatchObject({ retry_after_ms: 3000 });
});

test('every status and every JSON has an outcome; nothing but 2xx ends a task', () => {
  const name = fc.constantFrom(...'code message data error status state progress task_id result_url images'.split(' '));
  const leaf = fc.constantFrom('', 'failed', 'success', 'running', url, 0, 404, null, true, '50%');
  const answer = fc.letrec((tie) => ({
    any: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('any'), { maxLength: 3 }), tie('object')),
    object: fc.dictionary(name, tie('any'), { maxKeys: 5 }),
  })).object;
  const text = fc.oneof(
    fc.json(),
    fc.string(),
    answer.map((body) => JSON.stringify(body)),
  );
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 599 }), text, (status, body) => {
      const { kind } = read(status, body);
      if (status < 200 || status > 299) expect(['not_found', 'unavailable']).toContain(kind);
    }),
    { numRuns: 1000 },
  );
});
