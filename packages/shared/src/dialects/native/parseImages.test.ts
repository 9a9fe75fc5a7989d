import { describe, expect, test } from 'vitest';
import { problemOf, refusalOf } from '../../../../../tests/world/problemOf.ts';
import { parseImages } from './parseImages.ts';

const url = 'https://example.com/a.png';
const base64 = 'iVBORw0KGgo=';
const dataUri = `data:image/png;base64,${base64}`;

describe('one reference may be given as', () => {
  test.each<[unknown, object]>([
    [url, { field: 'image', url }],
    [`  ${url}\n`, { field: 'image', url }],
    [dataUri, { field: 'image', base64 }],
    [`DATA:image/png;BASE64,${base64}`, { field: 'image', base64 }],
    [`data:;base64,${base64}`, { field: 'image', base64 }],
    [{ url }, { field: 'image.url', url }],
    [{ url: dataUri }, { field: 'image.url', base64 }],
    [
      { url, media_type: 'image/png' },
      { field: 'image.url', url },
    ],
    [
      { b64_json: base64, media_type: 'image/png' },
      { field: 'image', base64 },
    ],
    [{ b64_json: base64 }, { field: 'image', base64 }],
    [{ b64_json: dataUri }, { field: 'image', base64 }],
  ])('%j', (image, parsed) => expect(parseImages({ image })).toEqual([parsed]));
});

test('several references keep their order and are named by their place', () => {
  expect(parseImages({ images: [url, dataUri, { url }] })).toEqual([
    { field: 'images[0]', url },
    { field: 'images[1]', base64 },
    { field: 'images[2].url', url },
  ]);
});

test('the compatible fields are taken where they stand alone', () => {
  expect(parseImages({ image_url: url })).toEqual([{ field: 'image_url', url }]);
  expect(parseImages({ image_urls: [url] })).toEqual([{ field: 'image_urls[0]', url }]);
});

test('what is absent, null or an empty list is no reference', () => {
  const empty = { image: undefined, images: [], image_url: null, image_urls: [] };
  expect(parseImages({})).toEqual([]);
  expect(parseImages(empty)).toEqual([]);
  expect(parseImages({ ...empty, image: url })).toHaveLength(1);
});

test('any two of the four fields together are a conflict that names both', () => {
  const fields = { image: url, images: [url], image_url: url, image_urls: [url] };
  const names = Object.keys(fields) as (keyof typeof fields)[];
  for (const [i, a] of names.entries()) {
    for (const b of names.slice(i + 1)) {
      const problem = problemOf(() => parseImages({ [b]: fields[b], [a]: fields[a] }));
      expect(problem.code).toBe('conflicting_image_fields');
      expect(problem.message).toContain(`\`${a}\` and \`${b}\``);
    }
  }
});

describe('refused, naming where it stood:', () => {
  test.each<[object, string, string]>([
    [{ image: '' }, 'invalid_request', 'image'],
    [{ image: 7 }, 'invalid_request', 'image'],
    [{ image: [url] }, 'invalid_request', 'image'],
    [{ image: {} }, 'invalid_request', 'image'],
    [{ image: { url: 7 } }, 'invalid_request', 'image'],
    [{ image: { url, b64_json: base64 } }, 'invalid_request', 'image'],
    [{ image: { url, detail: 'high' } }, 'invalid_request', 'image.detail'],
    [{ image: { url: ' ' } }, 'invalid_request', 'image.url'],
    [{ images: url }, 'invalid_request', 'images'],
    [{ images: { 0: url } }, 'invalid_request', 'images'],
    [{ images: [url, null] }, 'invalid_request', 'images[1]'],
    [{ images: [url, [url]] }, 'invalid_request', 'images[1]'],
    [{ images: Array(11).fill(url) }, 'invalid_request', 'images'],
    [{ image_url: { href: url } }, 'invalid_request', 'image_url.href'],
    [{ image: 'data:image/png,abc' }, 'image_unreadable', 'image'],
    [{ image: 'data:image/png;base64' }, 'image_unreadable', 'image'],
    [{ images: [url, 'data:text/html,<p>'] }, 'image_unreadable', 'images[1]'],
  ])('%j', (body, code, field) => {
    expect(refusalOf(() => parseImages(body as Record<string, unknown>))).toEqual([code, field]);
  });
});

test('ten references are as many as there may be', () => {
  expect(parseImages({ images: Array(10).fill(url) })).toHaveLength(10);
});
