import OpenAI, { toFile } from 'openai';
import { describe, expect } from 'vitest';
import { keys, type World } from './world/createWorld.ts';
import { png, pngDataUri } from './world/pictures.ts';
import { test } from './world/world.ts';

const model = 'NanoBanana';

/** OpenAI's own client on its defaults: only the address and the key are changed. */
const clientOf = (world: World) => new OpenAI({ baseURL: `${world.api.url}/v1`, apiKey: keys.alice });

const bytesOf = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer());

/** What OpenAI's client throws. */
async function refusal(request: PromiseLike<unknown>) {
  const error = await request.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof OpenAI.APIError)) throw new Error(`no API error: ${error}`);
  return error;
}

describe('images.generate of the real client', () => {
  test('answers with URLs that serve the pictures', async ({ world }) => {
    const { data, created } = await clientOf(world).images.generate({ model, prompt: 'two pears', n: 2 });
    expect(created).toBeGreaterThan(1_700_000_000);
    expect(data).toHaveLength(2);
    for (const { url } of data!) {
      const answer = await fetch(url!);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/png']);
    }
  });

  test('answers with base64 of the very bytes that are stored', async ({ world }) => {
    const { data, response } = await clientOf(world)
      .images.generate({ model, prompt: 'in letters', response_format: 'b64_json', output_format: 'jpeg', n: 2 })
      .withResponse();
    const task = await world.client.get(response.headers.get('x-task-id')!);
    const stored = await Promise.all(task.result_urls.map(bytesOf));
    expect(data.data!.map(({ b64_json }) => Buffer.from(b64_json!, 'base64'))).toEqual(stored);
    expect(task.metadata.images[0]!.media_type).toBe('image/jpeg');
    expect(response.headers.get('x-should-retry')).toBe('false');
  });

  test('streams an event with each picture', async ({ world }) => {
    const stream = await clientOf(world).images.generate({ model, prompt: 'streamed', n: 2, stream: true });
    const events = [];
    for await (const event of stream) events.push(event);
    expect(events.map(({ type }) => type)).toEqual(['image_generation.completed', 'image_generation.completed']);
    expect(Buffer.from(events[0]!.b64_json, 'base64').subarray(1, 4).toString()).toBe('PNG');
  });

  test('maps a size to its ratio, takes what is harmless, and native fields beside', async ({ world }) => {
    const { response } = await clientOf(world)
      .images.generate({
        model,
        prompt: 'wide',
        size: '1536x1024',
        quality: 'high',
        background: 'opaque',
        moderation: 'low',
        user: 'somebody',
        ...{ labels: { team: 'fruit' }, priority: 'batch' },
      })
      .withResponse();
    const { metadata } = await world.client.get(response.headers.get('x-task-id')!);
    const { width, height } = metadata.images[0]!;
    expect(metadata.labels).toEqual({ team: 'fruit' });
    expect(Math.abs(width / height - 1.5)).toBeLessThan(0.05);
  });

  test('answers at once with the task where the client prefers so', async ({ world }) => {
    const { response } = await clientOf(world)
      .images.generate({ model, prompt: 'later' }, { headers: { Prefer: 'respond-async' } })
      .withResponse();
    expect(response.status).toBe(202);
    const location = response.headers.get('location')!;
    const { body } = await world.client.request('GET', `${location}?wait=20`);
    expect(body.data.status).toBe('succeeded');
  });

  test('a client that hangs up loses nothing: its task ends', async ({ world }) => {
    const prompt = 'hung up on';
    const gate = world.upstream.gate('poll', { prompt });
    const controller = new AbortController();
    const labels = { labels: { case: 'hung-up' } };
    const answer = clientOf(world).images.generate({ model, prompt, ...labels }, { signal: controller.signal });
    await gate.arrived;
    controller.abort();
    await expect(answer).rejects.toThrow(OpenAI.APIUserAbortError);
    gate.release();
    const { body } = await world.client.request<{ data: { items: { task_id: string }[] } }>(
      'GET',
      '/v1/images/tasks?label=case:hung-up',
    );
    expect((await world.client.finished(body.data.items[0]!.task_id)).status).toBe('succeeded');
  });

  test('many at once are each answered with their own', async ({ world }) => {
    const client = clientOf(world);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        client.images.generate({ model, prompt: `one of many ${i}` }).withResponse(),
      ),
    );
    expect(new Set(answers.map(({ response }) => response.headers.get('x-task-id'))).size).toBe(20);
  });
});

describe('images.edit of the real client', () => {
  test('takes one file, and the upstream gets it', async ({ world }) => {
    const image = await toFile(png, 'pear.png', { type: 'image/png' });
    const prompt = 'edit one file';
    const { data } = await clientOf(world).images.edit({ model, prompt, image });
    expect(data).toHaveLength(1);
    expect(world.upstream.submissions({ prompt })[0]!.fields.image).toMatch(/^http/);
  });

  test('takes several files, with every field of a form', async ({ world }) => {
    const image = await Promise.all([1, 2, 3].map((i) => toFile(png, `${i}.png`, { type: 'image/png' })));
    const prompt = 'edit several files';
    const { data, response } = await clientOf(world)
      .images.edit({
        model,
        prompt,
        image,
        n: 2,
        size: 'auto',
        response_format: 'b64_json',
        ...{ labels: { team: 'fruit' }, webhook_events: undefined },
      })
      .withResponse();
    expect(data.data).toHaveLength(2);
    expect((await world.client.get(response.headers.get('x-task-id')!)).metadata.labels).toEqual({ team: 'fruit' });
    expect(world.upstream.submissions({ prompt })[0]!.fields.images).toHaveLength(3);
  });

  test('streams the edited picture', async ({ world }) => {
    const image = await toFile(png, 'pear.png', { type: 'image/png' });
    const stream = await clientOf(world).images.edit({ model, prompt: 'edit streamed', image, stream: true });
    for await (const event of stream) expect(event.type).toBe('image_edit.completed');
  });

  test.for([
    ['a URL', { image: 'data' }],
    ['a list of URLs', { image: ['data', 'data'] }],
    ['OpenAI’s JSON form', { images: [{ image_url: 'data' }] }],
  ] as const)('takes JSON with %s', async ([, fields], { world }) => {
    const filled = JSON.parse(JSON.stringify(fields).replaceAll('"data"', JSON.stringify(pngDataUri)));
    const json = { model, prompt: 'edit from JSON', ...filled };
    const { status } = await world.client.request('POST', '/v1/images/edits', { json });
    expect(status).toBe(200);
  });

  test('refuses a mask, an edit without an image, and a file that is none', async ({ world }) => {
    const client = clientOf(world);
    const image = await toFile(png, 'pear.png');
    const prompt = 'never made';
    const masked = await refusal(client.images.edit({ model, prompt, image, mask: image }));
    expect(masked).toMatchObject({ status: 400, param: 'mask', type: 'invalid_request_error' });
    const bare = await world.client.request('POST', '/v1/images/edits', { json: { model, prompt } });
    expect(bare).toMatchObject({ status: 400, body: { error: { code: 'image_required', param: 'image' } } });
    const text = await toFile(Buffer.from('no picture'), 'pear.png');
    expect(await refusal(client.images.edit({ model, prompt, image: text }))).toMatchObject({
      status: 400,
      code: 'image_unreadable',
    });
    expect(world.upstream.submissions({ prompt })).toEqual([]);
  });
});

describe('models', () => {
  test('are listed and found by the real client', async ({ world }) => {
    const client = clientOf(world);
    const listed = [];
    for await (const one of client.models.list()) listed.push(one.id);
    expect(listed).toContain('NanoBanana2-0.5K');
    expect(await client.models.retrieve(model)).toMatchObject({ id: model, object: 'model' });
    expect(await refusal(client.models.retrieve('dall-e-3'))).toMatchObject({ status: 404, code: 'model_not_found' });
  });
});

describe('errors come as the classes of the real client:', () => {
  test('a wrong key, an unknown model, a field that cannot be', async ({ world }) => {
    const stranger = new OpenAI({ baseURL: `${world.api.url}/v1`, apiKey: 'sk-wrong' });
    const wrongKey = await refusal(stranger.images.generate({ model, prompt: 'x' }));
    expect(wrongKey).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(wrongKey.code).toBe('invalid_api_key');
    const unknown = await refusal(clientOf(world).images.generate({ model: 'dall-e-3', prompt: 'x' }));
    expect(unknown).toBeInstanceOf(OpenAI.NotFoundError);
    const bad = await refusal(clientOf(world).images.generate({ model, prompt: 'x', size: '1792x1024' }));
    expect(bad).toBeInstanceOf(OpenAI.BadRequestError);
    expect(bad).toMatchObject({ code: 'size_not_supported', param: 'size' });
    expect(bad.message).toContain('16:9');
  });

  test.for([
    ['style', { style: 'vivid' }],
    ['background', { background: 'transparent' }],
    ['output_format', { output_format: 'gif' }],
    ['n', { n: 1000 }],
    ['frame_count', { frame_count: 4 }],
    ['prompt', { prompt: '' }],
  ] as const)('a 400 names `%s`', async ([param, fields], { world }) => {
    const request = { model, prompt: 'x', ...fields } as OpenAI.ImageGenerateParamsNonStreaming;
    expect(await refusal(clientOf(world).images.generate(request))).toMatchObject({ status: 400, param });
  });

  test('a prompt that the upstream refuses, and a task that it fails', async ({ world }) => {
    const blocked = 'blocked [[sim: fail=content_policy]]';
    const policy = await refusal(clientOf(world).images.generate({ model, prompt: blocked }));
    expect(policy).toMatchObject({ status: 400, code: 'content_policy_violation' });
    const broken = 'broken [[sim: fail=internal_error]]';
    const failed = await refusal(clientOf(world).images.generate({ model, prompt: broken }));
    expect(failed).toMatchObject({ status: 502, code: 'upstream_failed', type: 'server_error' });
    // One order of the client each: it was told not to send them again.
    expect(world.upstream.submissions({ prompt: blocked })).toHaveLength(1);
    expect(new Set(world.upstream.submissions({ prompt: broken }).map((one) => one.idempotencyKey)).size).toBe(3);
  });
});
