import { describe, expect } from 'vitest';
import { statusWords } from '../protocol/statusWords.ts';
import { model, test } from '../testing/startedSimulator.ts';

describe('a query', () => {
  test('follows a task from queued to its end', async ({ client, clock, simulator }) => {
    const id = await client.accepted('a pear [[sim: duration=1000]]');
    const look = async () => {
      const { data } = (await client.query(id)).body;
      return `${data.status} ${data.progress}`;
    };
    expect(await look()).toBe('queued 0%');
    clock.advance(500);
    expect(await look()).toBe('running 50%');
    clock.advance(499);
    expect(await look()).toBe('running 99%');
    clock.advance(1);
    const { data } = (await client.query(id)).body;
    expect(data).toMatchObject({ status: 'succeeded', progress: '100%', error: null });
    expect(data.metadata).toEqual({ task_type: 'text2image', result_count: 1 });
    expect(data.result_url).toMatch(new RegExp(`^${simulator.url}/results/[^/]+\\.png$`));
    expect(simulator.pollsOf(id)).toBe(4);
  });

  test('of another key’s task, of none, or without a key finds nothing', async ({ client }) => {
    const id = await client.accepted('a pear');
    const other = await client.query(id, { authorization: 'Bearer sk-test-1' });
    expect([other.status, other.body.code]).toEqual([404, 'task_not_found']);
    expect((await client.query('ut_none')).text).toBe(other.text);
    expect((await client.query(id, { authorization: '' })).status).toBe(401);
  });

  test('right after the creation may find nothing', async ({ client, clock }) => {
    const id = await client.accepted('a pear [[sim: notfound=500]]');
    expect((await client.query(id)).status).toBe(404);
    clock.advance(500);
    expect((await client.query(id)).status).toBe(200);
  });

  test('shows progress that is stuck, or none', async ({ client, clock }) => {
    const stuck = await client.accepted('a [[sim: progress=stuck duration=1000]]');
    const off = await client.accepted('b [[sim: progress=off duration=1000]]');
    clock.advance(700);
    expect((await client.query(stuck)).body.data.progress).toBe('35%');
    expect((await client.query(off)).body.data).not.toHaveProperty('progress');
  });

  const vocabularies = ['a', 'b', 'c', 'd', 'e', 'f', 'unknown'] as const;
  test.for(vocabularies)('speaks the vocabulary %s', async (words, { client, clock }) => {
    const id = await client.accepted(`x [[sim: duration=1000 status_words=${words}]]`);
    const said = [];
    for (const ms of [0, 500, 500]) {
      clock.advance(ms);
      said.push((await client.query(id)).body.data.status);
    }
    const { queued, running, succeeded } = statusWords[words];
    expect(said).toEqual([queued, running, succeeded]);
  });

  test('may come without an envelope', async ({ client }) => {
    const { body } = await client.submit({ model, prompt: 'x [[sim: envelope=flat]]' });
    const id = (body as unknown as { task_id: string }).task_id;
    expect((await client.query(id)).body).toMatchObject({ task_id: id, status: 'queued' });
  });
});

describe('a failure', () => {
  test('carries its reason, as an object or as one string', async ({ client, clock }) => {
    const object = await client.accepted('x [[sim: fail=content_policy]]');
    const string = await client.accepted('x [[sim: fail=overloaded error_shape=string fail_status=expired]]');
    clock.advance(100);
    const failed = (await client.query(object)).body.data;
    expect(failed).toMatchObject({ status: 'failed', result_url: null, error: { code: 'content_policy' } });
    const expired = (await client.query(string)).body.data;
    expect(expired.status).toBe('expired');
    expect(expired.error).toMatch(/^overloaded: /);
  });

  test('strikes the first tasks of a prompt only', async ({ client, clock, simulator }) => {
    const prompt = 'x [[sim: fail=internal_error fail_times=2]]';
    for (let i = 0; i < 3; i++) await client.accepted(prompt);
    clock.advance(100);
    expect(simulator.tasks().map(({ phase }) => phase)).toEqual(['failed', 'failed', 'succeeded']);
  });
});

describe('the pictures of a task', () => {
  test.for([
    ['result_url', (data: Data) => [data.result_url, data.result_urls]],
    ['result_urls', (data: Data) => data.result_urls],
    ['results', (data: Data) => data.results],
    ['data_images', (data: Data) => data.images],
    ['metadata', (data: Data) => (data.metadata as Data).result_urls],
    ['array', (data: Data) => data.result_url],
    ['comma', (data: Data) => [(data.result_url as string).split(',')]],
    ['b64_json', (data: Data) => data.images],
    ['data_uri', (data: Data) => data.result_urls],
    ['none', (data: Data) => data.result_url],
  ] as const)('stand where shape=%s says', async ([shape, take], { client, clock }) => {
    const id = await client.accepted(`x [[sim: shape=${shape}]]`, { n: 2 });
    clock.advance(100);
    const { data } = (await client.query(id)).body;
    const url = expect.stringMatching(/^http:.*\.png$/);
    const base64 = expect.stringMatching(/^iVBORw0KGgo/);
    const uri = expect.stringMatching(/^data:image\/png;base64,iVBORw0KGgo/);
    const expected = {
      result_url: [url, [url, url]],
      result_urls: [url, url],
      results: [{ url }, { url }],
      data_images: [{ url }, { url }],
      metadata: [url, url],
      array: [url, url],
      comma: [[url, url]],
      b64_json: [{ b64_json: base64 }, { b64_json: base64 }],
      data_uri: [uri, uri],
      none: null,
    };
    expect(take(data)).toEqual(expected[shape]);
    expect(data.metadata.result_count).toBe(shape === 'none' ? 0 : 2);
  });

  test('come as base64 where the request asked for it', async ({ client, clock }) => {
    const id = await client.accepted('x', { response_format: 'b64_json' });
    clock.advance(100);
    expect((await client.query(id)).body.data.images).toEqual([{ b64_json: expect.stringMatching(/^iVBORw0KGgo/) }]);
  });

  test('are one where the upstream ignores n', async ({ client, clock }) => {
    const id = await client.accepted('x [[sim: n=ignored]]', { n: 3 });
    clock.advance(100);
    expect((await client.query(id)).body.data.metadata.result_count).toBe(1);
  });
});

type Data = Record<string, unknown>;

describe('a fault of the query', () => {
  test.for(['401', '403', '429', '500', '502', '503'])('%s refuses', async (fault, { client }) => {
    const id = await client.accepted(`x [[sim: poll=${fault} retry_after=3]]`);
    const { status, body, headers } = await client.query(id);
    expect(status).toBe(Number(fault));
    expect(body.data).toBeNull();
    expect(headers.get('retry-after')).toBe(['429', '503'].includes(fault) ? '3' : null);
  });

  test('strikes `poll_times` times, after the first `after`', async ({ client }) => {
    const id = await client.accepted('x [[sim: poll=500 after=1 poll_times=2]]');
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await client.query(id)).status);
    expect(statuses).toEqual([200, 500, 500, 200]);
  });

  test('can be unreadable', async ({ client }) => {
    for (const [fault, status] of [
      ['500html', 500],
      ['html', 200],
      ['garbage', 200],
    ] as const) {
      const answer = await client.query(await client.accepted(`x [[sim: poll=${fault}]]`));
      expect([answer.status, answer.body.code]).toEqual([status, 'unreadable']);
    }
  });

  test('forgets the task for good', async ({ client }) => {
    const id = await client.accepted('x [[sim: poll=forgets after=2]]');
    const codes = [];
    for (let i = 0; i < 4; i++) codes.push((await client.query(id)).body.code);
    expect(codes).toEqual(['success', 'success', 'task_not_found', 'task_not_found']);
  });

  test('goes backwards, and ends all the same', async ({ client, clock }) => {
    const id = await client.accepted('x [[sim: poll=backwards duration=1000]]');
    clock.advance(500);
    const said = [];
    for (let i = 0; i < 4; i++) said.push((await client.query(id)).body.data.status);
    clock.advance(500);
    said.push((await client.query(id)).body.data.status);
    expect(said).toEqual(['running', 'queued', 'running', 'queued', 'succeeded']);
  });

  test('resets, hangs, or is slow', async ({ client, simulator }) => {
    await expect(client.query(await client.accepted('x [[sim: poll=reset]]'))).rejects.toThrow();
    expect((await client.query(await client.accepted('x [[sim: poll=slow:10]]'))).status).toBe(200);
    const id = await client.accepted('x [[sim: poll=hang]]');
    const hanging = expect(client.query(id)).rejects.toThrow();
    await simulator.until(() => simulator.pollsOf(id) === 1);
    await simulator.close();
    await hanging;
  });

  test('endless sends more than anyone should read', async ({ client, simulator }) => {
    const id = await client.accepted('x [[sim: poll=endless]]');
    const headers = { authorization: 'Bearer sk-test-0' };
    const response = await fetch(`${simulator.url}/v1/images/tasks/${id}`, { headers });
    let bytes = 0;
    for await (const chunk of response.body!) {
      bytes += chunk.length;
      if (bytes > 4_000_000) break;
    }
    expect(bytes).toBeGreaterThan(4_000_000);
  });
});

describe('a cancel', () => {
  test('ends a task in flight, once, and is recorded', async ({ client, simulator }) => {
    const id = await client.accepted('x');
    expect((await client.cancel(id)).body.data.status).toBe('canceled');
    const again = await client.cancel(id);
    expect([again.status, again.body.code]).toEqual([409, 'task_already_finished']);
    expect(simulator.tasks()[0]).toMatchObject({ cancels: 2, phase: 'canceled' });
    expect((await client.cancel('ut_none')).status).toBe(404);
  });

  test.extend({ options: { supportsCancel: false } })('is unknown to some upstreams', async ({ client }) => {
    expect((await client.cancel(await client.accepted('x'))).status).toBe(404);
  });
});
