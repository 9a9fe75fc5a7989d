import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SubmitOutcome } from '../client.ts';
import { readSubmit } from './readSubmit.ts';

const now_ms = Date.UTC(2026, 0, 1);

const read = (status: number, body: unknown, headers: Record<string, string> = {}): SubmitOutcome =>
  readSubmit({ status, headers, text: typeof body === 'string' ? body : JSON.stringify(body) }, now_ms);

describe('a task that was accepted is found wherever its id stands', () => {
  test.each<[unknown, string?]>([
    [{ code: 'success', message: '', data: { task_id: 't-1', status: 'queued', progress: '0%' } }],
    [{ code: 'success', data: { id: 't-1' } }],
    [{ task_id: 't-1', status: 'submitted' }],
    [{ id: 't-1', object: 'image.task', status: 'pending' }],
    [{ id: 'req-9', data: { task_id: 't-1' } }],
    [{ code: 0, msg: 'ok', data: { taskId: 't-1' } }],
    [{ code: 200, msg: 'success', taskId: 't-1' }],
    [{ data: [{ task_id: 't-1', status: 'submitted' }] }],
    [{ code: 'success', data: 't-1' }],
    [{ data: { task: { id: 't-1' } } }],
    [{ message: 'Task created', data: { id: 't-1' } }],
    [{ task_id: 12, error: null }, '12'],
    ['{"data": {"id": 1320098173412546123}}', '1320098173412546123'],
    [{ code: 'unknown_word', message: 'accepted', data: { task_id: 't-1' } }],
    [{ code: '', message: '', data: { task_id: 't-1', error: {} } }],
    [{ task_id: ' t-1 ' }],
  ])('%j', (body, id = 't-1') => {
    for (const status of [200, 201, 202, 299]) {
      expect(read(status, body)).toEqual({ kind: 'accepted', upstream_task_id: id });
    }
  });
});

describe('a 2xx that names no task is never taken for one', () => {
  test.each<[unknown, SubmitOutcome['kind']]>([
    ['', 'unknown'],
    ['<html>It works!</html>', 'unknown'],
    ['{"data": {"task_id": "t-', 'unknown'],
    [[], 'unknown'],
    [null, 'unknown'],
    [{}, 'unknown'],
    [{ code: 'success', data: {} }, 'unknown'],
    [{ code: 'success', data: { task_id: '' } }, 'unknown'],
    [{ task_id: 'x'.repeat(300) }, 'unknown'],
    [{ code: 'invalid_request', message: 'prompt is empty', data: 'prompt is empty' }, 'refused'],
    [{ code: 'success', data: 'a text and no id' }, 'unknown'],
    [{ id: 'req-9', error: { message: 'bad prompt', type: 'invalid_request_error' } }, 'refused'],
    [{ data: { id: 'req-9', error: 'bad prompt' } }, 'refused'],
    [{ code: 'content_policy_violation', message: 'no' }, 'refused'],
    [{ code: 500, message: 'boom', data: null }, 'not_accepted'],
    [{ code: 'error', message: 'internal error' }, 'not_accepted'],
    [{ code: 429, message: 'slow down' }, 'not_now'],
    [{ code: 'rate_limit', message: '' }, 'not_now'],
    [{ code: 401, message: 'who?' }, 'refused_channel'],
    [{ code: 402, msg: 'Credits' }, 'refused_channel'],
    [{ success: false, message: '余额不足' }, 'refused_channel'],
    [{ code: 422, msg: 'n' }, 'refused'],
    [{ error: 'bad prompt' }, 'refused'],
  ])('%j is %s', (body, kind) => expect(read(200, body).kind).toBe(kind));
});

describe('an answer outside 2xx', () => {
  const native = { code: 'x_code', message: 'words', data: null };
  const openai = { error: { message: 'words', type: 'x_type', param: null, code: 'x_code' } };

  test.each<[number, SubmitOutcome['kind'], SubmitOutcome['kind']]>([
    // status, with a readable error, without one
    [302, 'not_accepted', 'not_accepted'],
    [400, 'refused', 'refused'],
    [401, 'refused_channel', 'refused_channel'],
    [402, 'refused_channel', 'refused_channel'],
    [403, 'refused_channel', 'refused_channel'],
    [404, 'refused', 'refused'],
    [405, 'refused', 'refused'],
    [408, 'not_accepted', 'not_accepted'],
    [409, 'not_accepted', 'not_accepted'],
    [413, 'refused', 'refused'],
    [415, 'refused', 'refused'],
    [422, 'refused', 'refused'],
    [425, 'not_accepted', 'not_accepted'],
    [429, 'not_now', 'not_now'],
    [500, 'not_accepted', 'unknown'],
    [502, 'not_accepted', 'unknown'],
    [503, 'not_accepted', 'unknown'],
    [504, 'not_accepted', 'unknown'],
    [524, 'not_accepted', 'unknown'],
  ])('%i is %s with a readable error, %s without', (status, readable, bare) => {
    expect(read(status, native).kind).toBe(readable);
    expect(read(status, openai).kind).toBe(readable);
    for (const body of ['', '<html><h1>Bad gateway</h1></html>', '[]', '{}', '"no"']) {
      expect(read(status, body).kind).toBe(bare);
    }
  });

  test('keeps what the upstream said', () => {
    const said = { status: 422, code: 'x_code', message: 'words' };
    expect(read(422, native)).toEqual({ kind: 'refused', code: 'upstream_refused', said });
    expect(read(422, openai)).toEqual({ kind: 'refused', code: 'upstream_refused', said });
    expect(read(401, '')).toMatchObject({ said: { status: 401, code: null, message: null } });
  });

  test.each([400, 403, 422, 451])('%i about the content is the request’s fault', (status) => {
    for (const message of ['Content policy violation', 'flagged by our safety system', '内容违规', 'NSFW']) {
      expect(read(status, { error: { message } })).toMatchObject({ kind: 'refused', code: 'content_policy' });
    }
  });

  test.each([500, 502, 503, 504])('%i whose code says that the content was refused is refused', (status) => {
    for (const code of ['content_policy_violation', 'moderation_blocked', 'PROHIBITED_CONTENT', 'ContentFilter']) {
      for (const body of [
        { code, message: 'no' },
        { error: { code, message: 'no' } },
        { error: { type: code, code: 500 } },
      ]) {
        const refused = { kind: 'refused', code: 'content_policy', said: { status } };
        expect(read(status, body, { 'retry-after': '7' })).toMatchObject(refused);
        expect(read(200, { code: status, message: 'no', error: { type: code } })).toMatchObject({ kind: 'refused' });
      }
    }
  });

  test.each<[object]>([
    [{ code: 'internal_error', message: 'Content policy service failed' }],
    [{ code: 'moderation_unavailable', message: 'try again' }],
    [{ error: { code: 'content_moderation_timeout', message: 'no' } }],
    [{ error: { message: 'This content violates our safety policy' } }],
  ])('500 with %j may pass', (body) => expect(read(500, body).kind).toBe('not_accepted'));

  test('429 and 503 wait as long as they say', () => {
    expect(read(429, '', { 'retry-after': '7' })).toMatchObject({ kind: 'not_now', retry_after_ms: 7000 });
    expect(read(429, native)).toMatchObject({ kind: 'not_now', retry_after_ms: undefined });
    expect(read(503, '', { 'retry-after': '7' })).toMatchObject({ kind: 'not_now', retry_after_ms: 7000 });
    expect(read(200, { code: 429, message: 'x' }, { 'retry-after': '7' })).toMatchObject({ retry_after_ms: 7000 });
  });

  test('429 for an empty account is no reason to wait', () => {
    const quota = { error: { message: 'You exceeded your current quota', code: 'insufficient_quota' } };
    expect(read(429, quota).kind).toBe('refused_channel');
    expect(read(429, { error: { message: 'Rate limit: quota exceeded for this minute' } }).kind).toBe('not_now');
  });

  test('400 for the account’s key is the channel’s fault', () => {
    expect(read(400, { error: { message: 'Incorrect key', code: 'invalid_api_key' } }).kind).toBe('refused_channel');
  });
});

test('every status and every JSON has an outcome, and only 2xx accepts', () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 599 }), fc.oneof(fc.json(), fc.string()), (status, text) => {
      const { kind } = readSubmit({ status, headers: {}, text }, now_ms);
      if (kind === 'accepted') expect(Math.floor(status / 100)).toBe(2);
    }),
    { numRuns: 1000 },
  );
});

test('members of every type in every known place have an outcome', () => {
  const name = fc.constantFrom(...'code message msg data error task_id id taskId task status errors detail'.split(' '));
  const value = fc.letrec((tie) => ({
    any: fc.oneof({ maxDepth: 3 }, fc.constantFrom('', 't-1', 'success', 0, 500, null, true, []), tie('object')),
    object: fc.dictionary(name, tie('any'), { maxKeys: 5 }),
  })).object;
  fc.assert(
    fc.property(fc.constantFrom(200, 400, 429, 500), value, (status, body) => {
      const outcome = read(status, body);
      if (outcome.kind !== 'accepted') return;
      expect(outcome.upstream_task_id).toMatch(/^\S/);
      expect(status).toBe(200);
    }),
    { numRuns: 1000 },
  );
});
