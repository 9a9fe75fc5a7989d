import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import type { Envelope } from './world/client.ts';
import { png, pngDataUri } from './world/pictures.ts';
import { test } from './world/world.ts';

const good = { model: 'NanoBanana2-0.5K', prompt: 'a red cube' };
const path = '/v1/images/tasks';

type Refusal = Envelope<null>;

describe('a bad request is refused by name before anything is queued', () => {
  test.for<[what: string, body: object, code: string, field: string, says: RegExp]>([
    ['an unknown model', { model: 'DallE' }, 'model_not_enabled', 'model', /NanoBananaPro-1K/],
    ['no model', { model: undefined }, 'invalid_request', 'model', /model/],
    ['an empty prompt', { prompt: ' ' }, 'invalid_request', 'prompt', /empty/],
    ['webp of a newer family', { output_format: 'webp' }, 'unsupported_output_format', 'output_format', /png, jpeg/],
    ['size', { size: '1024x1024' }, 'size_not_supported', 'size', /aspect_ratio: "1:1"/],
    ['an odd size', { size: '1000x777' }, 'size_not_supported', 'size', /4:3|5:4/],
    ['a ratio there is not', { aspect_ratio: '7:5' }, 'invalid_aspect_ratio', 'aspect_ratio', /16:9/],
    ['n above the maximum', { n: 5 }, 'n_out_of_range', 'n', /1 to 4/],
    ['n of 0', { n: 0 }, 'n_out_of_range', 'n', /1 to 4/],
    ['half a picture', { n: 1.5 }, 'n_out_of_range', 'n', /1 to 4/],
    ['n as text', { n: '2' }, 'invalid_request', 'n', /number/],
    ['image and images', { image: pngDataUri, images: [pngDataUri] }, 'conflicting_image_fields', 'images', /together/],
    [
      'image and image_url',
      { image: pngDataUri, image_url: pngDataUri },
      'conflicting_image_fields',
      'image_url',
      /one of/,
    ],
    ['image2image without an image', { task_type: 'image2image' }, 'image_required', 'image', /image/],
    [
      'text2image with one',
      { task_type: 'text2image', image: pngDataUri },
      'image_not_allowed',
      'image',
      /image2image/,
    ],
    ['eleven images', { images: Array(11).fill(pngDataUri) }, 'invalid_request', 'images', /10/],
    ['an image that is none', { image: 'data:image/png;base64,aGVsbG8=' }, 'image_unreadable', 'image', /PNG/],
    [
      'an image with a page behind it',
      { image: `data:image/png;base64,${Buffer.concat([png, Buffer.from('<html>')]).toString('base64')}` },
      'image_unreadable',
      'image',
      /follow/,
    ],
    ['a file URL', { image: 'file:///etc/passwd' }, 'url_not_allowed', 'image', /https/],
    ['a URL with credentials', { image: 'https://u:p@example.com/a.png' }, 'url_not_allowed', 'image', /user name/],
    ['a private address', { image: 'http://10.0.0.1/a.png' }, 'url_not_allowed', 'image', /may not/],
    ['an unknown field', { stlye: 'vivid' }, 'invalid_request', 'stlye', /stlye/],
    ['a label too long', { labels: { a: 'x'.repeat(513) } }, 'invalid_request', 'labels.a', /512/],
    ['an unknown priority', { priority: 'urgent' }, 'invalid_request', 'priority', /interactive/],
    ['a list instead of an object', [] as never, 'invalid_request', '', /object/],
  ])('%s', async ([, change, code, field, says], { world }) => {
    const before = world.upstream.submissions().length;
    const json = Array.isArray(change) ? change : { ...good, ...change };
    const { status, body } = await world.client.request<Refusal>('POST', path, { json });
    expect({ status, body }).toMatchObject({ status: 400, body: { code, data: null } });
    expect(body.message).toMatch(says);
    if (field) expect(body.errors?.[0]?.field).toBe(field);
    expect(world.upstream.submissions().length).toBe(before);
  });
});

test('what is not JSON, too large, too deep or of another type is refused by name', async ({ world }) => {
  const post = async (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) => {
    const answer = await world.client.request<Refusal>('POST', path, {
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });
    return { status: answer.status, code: answer.body.code };
  };
  expect(await post('{"model":')).toEqual({ status: 400, code: 'invalid_json' });
  expect(await post('')).toEqual({ status: 400, code: 'invalid_json' });
  expect(await post('"text"')).toEqual({ status: 400, code: 'invalid_request' });
  expect(await post('['.repeat(10_000))).toEqual({ status: 400, code: 'invalid_request' });
  expect(await post(`{"a":${'['.repeat(20)}${']'.repeat(20)}}`)).toEqual({ status: 400, code: 'invalid_request' });
  expect(await post('{}', { 'content-type': 'text/plain' })).toEqual({ status: 415, code: 'unsupported_media_type' });
  expect(await post('{}', { 'content-encoding': 'zstd-new' })).toEqual({ status: 415, code: 'unsupported_media_type' });
  const bomb = gzipSync(Buffer.alloc(80 * 2 ** 20, ' '));
  expect(await post(bomb, { 'content-encoding': 'gzip' })).toEqual({ status: 413, code: 'payload_too_large' });
});

test('an image above the limit is refused, one just below it is not', async ({ world }) => {
  const image = `data:image/png;base64,${Buffer.alloc(21 * 2 ** 20).toString('base64')}`;
  const { status, body } = await world.client.request<Refusal>('POST', path, { json: { ...good, image } });
  expect({ status, code: body.code }).toEqual({ status: 413, code: 'payload_too_large' });
});

test('unknown paths and wrong methods say what there is', async ({ world }) => {
  const wrong = await world.client.request<Refusal>('DELETE', path);
  expect(wrong.status).toBe(405);
  expect(wrong.headers.get('allow')).toBe('GET, HEAD, POST');
  expect(wrong.body.code).toBe('method_not_allowed');
  const nowhere = await world.client.request<Refusal>('GET', '/v1/nothing');
  expect(nowhere).toMatchObject({ status: 404, body: { code: 'route_not_found', data: null } });
});

test('a null member counts as absent', async ({ world }) => {
  const json = { ...good, image: null, n: null, size: null, labels: null };
  expect((await world.client.request('POST', path, { json })).status).toBe(200);
});

test('a member called __proto__ is refused, not lost in silence', async ({ world }) => {
  const body = JSON.stringify({ ...good, labels: { team: 'fruit' } }).replace('"team"', '"__proto__"');
  const headers = { 'content-type': 'application/json' };
  const answer = await world.client.request<Refusal>('POST', path, { body, headers });
  expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_json' } });
});
