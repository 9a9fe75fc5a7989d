import { ApiError, GoogleGenAI } from '@google/genai';
import { describe, expect } from 'vitest';
import { keys, type World } from './world/createWorld.ts';
import { pngBase64 } from './world/pictures.ts';
import { test } from './world/world.ts';

const model = 'NanoBanana2-1K';

/** Google's own client on its defaults: only the address and the key are changed. */
const clientOf = (world: World, more: object = {}) =>
  new GoogleGenAI({ apiKey: keys.alice, httpOptions: { baseUrl: world.api.url, ...more } });

async function refusal(request: Promise<unknown>) {
  const error = await request.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApiError)) throw new Error(`no API error: ${error}`);
  return { status: error.status, error: JSON.parse(error.message).error };
}

describe.each([{}, { apiVersion: 'v1beta' }, { apiVersion: 'v1' }])('the real client with %j', (options) => {
  test('draws from a text', async ({ world }) => {
    const answer = await clientOf(world, options).models.generateContent({ model, contents: 'a pear' });
    const [candidate] = answer.candidates!;
    expect(candidate).toMatchObject({ finishReason: 'STOP', index: 0, content: { role: 'model' } });
    const { mimeType, data } = candidate!.content!.parts![0]!.inlineData!;
    expect(mimeType).toBe('image/png');
    expect(Buffer.from(data!, 'base64').subarray(1, 4).toString()).toBe('PNG');
    expect(answer).toMatchObject({ modelVersion: model, responseId: expect.stringMatching(/^task_/) });
  });

  test('streams one chunk', async ({ world }) => {
    const stream = await clientOf(world, options).models.generateContentStream({ model, contents: 'streamed' });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.map((chunk) => chunk.candidates!.length)).toEqual([1]);
  });

  test('lists and finds the models, by our names and Google’s', async ({ world }) => {
    const client = clientOf(world, options);
    const names = [];
    for await (const one of await client.models.list()) names.push(one.name);
    expect(names).toEqual(expect.arrayContaining(['models/NanoBanana2-1K', 'models/gemini-3-pro-image-preview-2k']));
    expect((await client.models.get({ model: 'gemini-3.1-flash-image-preview-512' })).displayName).toBe(
      'NanoBanana2-0.5K',
    );
    expect(await refusal(client.models.get({ model: 'gemini-1.0' }))).toMatchObject({
      status: 404,
      error: { status: 'NOT_FOUND' },
    });
  });
});

test('a picture in the request is what is edited; ratio, number and size are obeyed', async ({ world }) => {
  const prompt = 'edited by Gemini';
  const answer = await clientOf(world).models.generateContent({
    model: 'gemini-3-pro-image-preview',
    contents: [{ role: 'user', parts: [{ text: prompt }, { inlineData: { mimeType: 'image/png', data: pngBase64 } }] }],
    config: {
      responseModalities: ['IMAGE'],
      candidateCount: 2,
      imageConfig: { aspectRatio: '16:9', imageSize: '2K' },
      temperature: 1,
    },
  });
  expect(answer.candidates!.map(({ index }) => index)).toEqual([0, 1]);
  const { fields } = world.upstream.submissions({ prompt })[0]!;
  expect(fields).toMatchObject({ model: 'NanoBananaPro-2K', aspect_ratio: '16:9', n: 2 });
  expect(fields.image).toMatch(/^http/);
});

test('an output format and Darkroom’s own fields come through extraBody', async ({ world }) => {
  const answer = await clientOf(world, {
    extraBody: { generationConfig: { imageConfig: { outputFormat: 'jpeg' } }, labels: { my_team: 'fruit' } },
  }).models.generateContent({ model, contents: 'as jpeg' });
  expect(answer.candidates![0]!.content!.parts![0]!.inlineData!.mimeType).toBe('image/jpeg');
  expect((await world.client.get(answer.responseId!)).metadata.labels).toEqual({ my_team: 'fruit' });
});

test('a blocked prompt is answered as Gemini does', async ({ world }) => {
  const contents = 'blocked [[sim: fail=content_policy]]';
  const answer = await clientOf(world).models.generateContent({ model, contents });
  expect(answer.promptFeedback!.blockReason).toBe('PROHIBITED_CONTENT');
  expect(answer.candidates).toBeUndefined();
});

describe('errors have Google’s shape:', () => {
  test('a wrong key and a task that fails', async ({ world }) => {
    const stranger = new GoogleGenAI({ apiKey: 'sk-wrong', httpOptions: { baseUrl: world.api.url } });
    expect(await refusal(stranger.models.generateContent({ model, contents: 'x' }))).toMatchObject({
      status: 401,
      error: { code: 401, status: 'UNAUTHENTICATED', details: [] },
    });
    const broken = 'broken [[sim: fail=internal_error]]';
    expect(await refusal(clientOf(world).models.generateContent({ model, contents: broken }))).toMatchObject({
      status: 502,
      error: { code: 502, status: 'INTERNAL' },
    });
  });

  test.for([
    ['an unknown model', 'gemini-1.0', {}, 404, 'NOT_FOUND'],
    [
      'a size the family lacks',
      'NanoBanana2-1K',
      { generationConfig: { imageConfig: { imageSize: '8K' } } },
      400,
      'imageSize',
    ],
    [
      'a ratio there is not',
      model,
      { generation_config: { image_config: { aspect_ratio: '7:5' } } },
      400,
      'aspectRatio',
    ],
    ['no text', model, { contents: [{ parts: [{ text: ' ' }] }] }, 400, 'contents'],
    ['a part of another kind', model, { contents: [{ parts: [{ functionCall: {} }] }] }, 400, 'contents'],
    [
      'text alone as an answer',
      model,
      { generationConfig: { responseModalities: ['TEXT'] } },
      400,
      'responseModalities',
    ],
    ['tools', model, { tools: [{ googleSearch: {} }] }, 400, 'tools'],
    ['an unknown field', model, { surprise: 1 }, 400, 'surprise'],
    ['a format the model lacks', model, { generationConfig: { imageConfig: { outputFormat: 'webp' } } }, 400, 'png'],
    [
      'bytes that are no picture',
      model,
      { contents: [{ parts: [{ text: 'x' }, { inline_data: { data: 'AAAA' } }] }] },
      400,
      'PNG',
    ],
  ] as const)('%s', async ([, name, body, status, said], { world }) => {
    const json = { contents: [{ parts: [{ text: 'x' }] }], ...body };
    const path = `/v1beta/models/${name}:generateContent?key=${keys.alice}`;
    const response = await fetch(world.api.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(json),
    });
    const { error } = (await response.json()) as { error: { code: number; message: string; status: string } };
    expect([response.status, error.code]).toEqual([status, status]);
    expect(`${error.status} ${error.message}`).toContain(said);
  });

  test('a path that there is not', async ({ world }) => {
    const { status, body } = await world.client.request('POST', `/v1beta/models/${model}:countTokens`, { json: {} });
    expect({ status, body }).toMatchObject({ status: 404, body: { error: { code: 404, status: 'NOT_FOUND' } } });
  });
});

test('the key is taken as Google’s header, as a parameter and as a bearer', async ({ world }) => {
  const ask = (query: string, headers: Record<string, string>) =>
    fetch(`${world.api.url}/v1beta/models${query}`, { headers }).then(({ status }) => status);
  expect(await ask('', { 'x-goog-api-key': keys.alice })).toBe(200);
  expect(await ask(`?key=${keys.alice}`, {})).toBe(200);
  expect(await ask('', { authorization: `Bearer ${keys.alice}` })).toBe(200);
  expect(await ask('', {})).toBe(401);
  // Elsewhere a key in the URL is no key: URLs are logged on their way.
  expect((await fetch(`${world.api.url}/v1/images/tasks?key=${keys.alice}`)).status).toBe(401);
});
