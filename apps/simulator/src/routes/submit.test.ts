import { describe, expect } from 'vitest';
import { createSimulator } from '../simulator.ts';
import { model, test } from '../testing/startedSimulator.ts';

const png = `data:image/png;base64,${Buffer.from('\x89PNG\r\n\x1a\n', 'latin1').toString('base64')}`;

describe('a submission', () => {
  test('is answered with a task, and recorded without its key', async ({ client, simulator }) => {
    const { status, body } = await client.submit({ model, prompt: 'a pear' }, { 'idempotency-key': 'k1' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ code: 'success', data: { status: 'queued', result_url: null, error: null } });
    expect(body.data.task_id).toMatch(/^ut_[0-9a-f]{24}$/);
    expect(simulator.submissions()).toEqual([
      expect.objectContaining({
        prompt: 'a pear',
        fields: { model, prompt: 'a pear' },
        idempotencyKey: 'k1',
        keyIndex: 0,
        upstreamTaskId: body.data.task_id,
        outcome: 'accepted',
        status: 200,
      }),
    ]);
    expect(JSON.stringify(simulator.submissions())).not.toContain('sk-test');
  });

  test('with the same idempotency key makes one task; with accept_key=off it makes two', async ({ client }) => {
    const send = (prompt: string) => client.submit({ model, prompt }, { 'idempotency-key': 'k1' });
    const [first, second] = [await send('a pear'), await send('a pear')];
    expect(second.body.data.task_id).toBe(first.body.data.task_id);
    const third = await send('a pear [[sim: accept_key=off]]');
    expect(third.body.data.task_id).not.toBe(first.body.data.task_id);
  });

  test('depends on the seed alone: two simulators name the same task the same', async ({ client }) => {
    const twin = createSimulator({ seed: 1, keys: ['k'] });
    const url = await twin.listen();
    const headers = { authorization: 'Bearer k', 'content-type': 'application/json' };
    const body = JSON.stringify({ model, prompt: 'a pear' });
    await fetch(`${url}/v1/images/tasks`, { method: 'POST', headers, body });
    expect(twin.tasks()[0]?.id).toBe(await client.accepted('a pear'));
    await twin.close();
  });

  test.for([
    ['no model', { prompt: 'x' }, 'invalid_request'],
    ['a model that is not sold', { model: 'gpt-image-2', prompt: 'x' }, 'model_not_enabled'],
    ['no prompt', { model }, 'invalid_request'],
    ['a prompt of nothing but directives', { model, prompt: '[[sim: n=ignored]]', x: 1 }, null],
    ['a format the family lacks', { model, prompt: 'x', output_format: 'webp' }, 'unsupported_output_format'],
    ['a size', { model, prompt: 'x', size: '1024x1024' }, 'size_not_supported'],
    ['a ratio nobody knows', { model, prompt: 'x', aspect_ratio: '7:5' }, 'invalid_aspect_ratio'],
    ['more pictures than allowed', { model, prompt: 'x', n: 5 }, 'n_out_of_range'],
    ['two image fields', { model, prompt: 'x', image: png, images: [png] }, 'conflicting_image_fields'],
    ['an image that is none', { model, prompt: 'x', image: 'data:image/png;base64,AAAA' }, 'invalid_image'],
    ['image2image without an image', { model, prompt: 'x', task_type: 'image2image' }, 'image_required'],
    ['text2image with an image', { model, prompt: 'x', task_type: 'text2image', image: png }, 'image_not_allowed'],
    ['a directive with a typing error', { model, prompt: 'x [[sim: fial=x]]' }, 'invalid_directive'],
    ['n where the upstream has none', { model, prompt: 'x [[sim: n=refused]]', n: 2 }, 'n_not_supported'],
  ] as const)('with %s is judged as the vendor does', async ([_name, fields, code], { client, simulator }) => {
    const answer = await client.submit(fields);
    expect(answer.status).toBe(code === null ? 200 : 400);
    if (code !== null) expect(answer.body).toMatchObject({ code, data: null });
    expect(simulator.submissions()[0]?.outcome).toBe(code === null ? 'accepted' : `refused:${code}`);
    expect(simulator.tasks()).toHaveLength(code === null ? 1 : 0);
  });

  test('is kept without the megabytes of its images', async ({ client, simulator }) => {
    const image = `${png}${'A'.repeat(200_000)}`;
    await client.submit({ model, prompt: 'x', images: [image, { url: image }] });
    expect(JSON.stringify(simulator.submissions()[0]?.fields).length).toBeLessThan(140_000);
  });

  test('with a wrong key, no JSON, or another type is refused', async ({ client, simulator }) => {
    const wrong = await client.submit({ model, prompt: 'x' }, { authorization: 'Bearer nope' });
    expect([wrong.status, wrong.body.code]).toEqual([401, 'unauthorized']);
    expect(simulator.submissions()[0]).toMatchObject({ prompt: 'x', keyIndex: null, status: 401 });
    const post = (body: string, type: string) =>
      fetch(`${simulator.url}/v1/images/tasks`, { method: 'POST', body, headers: { 'content-type': type } });
    expect((await post('{', 'application/json')).status).toBe(400);
    expect((await post('[]', 'application/json')).status).toBe(400);
    expect((await post('x', 'text/plain')).status).toBe(415);
    expect((await post('x', 'multipart/form-data')).status).toBe(400);
  });
});

describe('a body that is too large', () => {
  test.extend({ options: { maxBodyBytes: 100 } })('is a 413', async ({ client }) => {
    expect((await client.submit({ model, prompt: 'x'.repeat(1_000_000) })).status).toBe(413);
  });
});

describe('a fault of the submission', () => {
  test.for(['400', '401', '402', '403', '404', '413', '422', '429', '500', '502', '503'])(
    '%s refuses in the protocol’s words and accepts nothing',
    async (fault, { client, simulator }) => {
      const { status, body } = await client.submit({ model, prompt: `x [[sim: submit=${fault}]]` });
      expect(status).toBe(Number(fault));
      expect(body).toMatchObject({ code: expect.any(String), message: expect.any(String), data: null });
      expect(simulator.submissions()[0]).toMatchObject({ outcome: fault, status, upstreamTaskId: null });
      expect(simulator.tasks()).toHaveLength(0);
    },
  );

  test('strikes as often as `times` says, then no more', async ({ client }) => {
    const prompt = 'x [[sim: submit=503 times=2]]';
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await client.submit({ model, prompt })).status);
    expect(statuses).toEqual([503, 503, 200]);
  });

  test('says when to come back, in seconds or as a date', async ({ client }) => {
    const seconds = await client.submit({ model, prompt: 'x [[sim: submit=429 retry_after=2]]' });
    expect(seconds.headers.get('retry-after')).toBe('2');
    const date = await client.submit({ model, prompt: 'x [[sim: submit=503 retry_after=date:60]]' });
    const ahead = Date.parse(date.headers.get('retry-after')!) - Date.now();
    expect(ahead).toBeGreaterThan(50_000);
    expect(ahead).toBeLessThanOrEqual(61_000);
  });

  test('can carry another code, and OpenAI’s shape', async ({ client }) => {
    const prompt = 'x [[sim: submit=400 submit_code=content_policy error_body=openai]]';
    expect((await client.submit({ model, prompt })).body).toMatchObject({
      error: { code: 'content_policy', type: 'invalid_request_error', message: expect.any(String) },
    });
  });

  test('500html is a page nobody can read', async ({ client }) => {
    const { status, text } = await client.submit({ model, prompt: 'x [[sim: submit=500html]]' });
    expect([status, text.startsWith('<html>')]).toEqual([500, true]);
  });

  test('reset_before accepts nothing, reset_after does: the key finds the task again', async ({
    client,
    simulator,
  }) => {
    await expect(client.submit({ model, prompt: 'x [[sim: submit=reset_before]]' })).rejects.toThrow();
    expect(simulator.tasks()).toHaveLength(0);
    const again = () =>
      client.submit({ model, prompt: 'y [[sim: submit=reset_after times=1]]' }, { 'idempotency-key': 'k' });
    await expect(again()).rejects.toThrow();
    expect((await again()).body.data.task_id).toBe(simulator.tasks()[0]?.id);
    expect(simulator.submissions().map(({ outcome }) => outcome)).toEqual(['reset_before', 'reset_after', 'repeated']);
  });

  test('empty2xx and garbage2xx accept, error2xx does not', async ({ client, simulator }) => {
    const empty = await client.submit({ model, prompt: 'x [[sim: submit=empty2xx]]' });
    expect([empty.status, empty.body.data]).toEqual([200, {}]);
    const garbage = await client.submit({ model, prompt: 'x [[sim: submit=garbage2xx]]' });
    expect([garbage.status, garbage.body.code]).toEqual([200, 'unreadable']);
    expect(simulator.tasks()).toHaveLength(2);
    const error = await client.submit({ model, prompt: 'x [[sim: submit=error2xx]]' });
    expect([error.status, error.body.code, error.body.data]).toEqual([200, 'internal_error', null]);
    expect(simulator.tasks()).toHaveLength(2);
  });

  test('hang never answers, hang_after neither, but has accepted', async ({ client, simulator }) => {
    const answers = ['hang', 'hang_after'].map((fault) =>
      client.submit({ model, prompt: `x [[sim: submit=${fault}]]` }),
    );
    const failed = Promise.allSettled(answers);
    await simulator.until(() => simulator.submissions().filter(({ outcome }) => outcome !== 'pending').length === 2);
    expect(simulator.tasks()).toHaveLength(1);
    await simulator.close();
    expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  test('slow accepts, and answers later', async ({ client, simulator }) => {
    const answer = client.submit({ model, prompt: 'x [[sim: submit=slow:20]]' });
    await simulator.until(() => simulator.tasks().length === 1);
    expect(simulator.submissions()[0]?.outcome).toBe('pending');
    expect((await answer).status).toBe(200);
  });

  test('can come by header or for everyone; the header wins over the prompt', async ({ client, simulator }) => {
    const headers = { 'x-sim': 'submit=402' };
    expect((await client.submit({ model, prompt: 'x [[sim: submit=403]]' }, headers)).status).toBe(402);
    simulator.set({ submit: '503' });
    expect((await client.submit({ model, prompt: 'x' })).status).toBe(503);
    simulator.set({ submit: 'ok' });
    expect((await client.submit({ model, prompt: 'x' })).status).toBe(200);
    expect(() => simulator.set({ duration: 0.5 })).toThrow(RangeError);
  });
});

test.for([
  ['full', ['data', 'task_id']],
  ['flat', ['task_id']],
  ['data.id', ['data', 'id']],
  ['id', ['id']],
] as const)('envelope=%s puts the id where other vendors do', async ([envelope, path], { client }) => {
  const { body } = await client.submit({ model, prompt: `x [[sim: envelope=${envelope}]]` });
  const found = path.reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], body);
  expect(found).toMatch(/^ut_/);
});
