import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { refusalOf } from '../../../../../tests/world/problemOf.ts';
import { Problem } from '../../errors/index.ts';
import { parseImagesRequest } from './parseImagesRequest.ts';

const least = { model: 'NanoBanana', prompt: 'a pear' };
const parse = (changes: object = {}) => parseImagesRequest('generations', { ...least, ...changes });
const refused = (changes: object) => refusalOf(() => parse(changes));
const url = 'https://example.com/a.png';
const file = { field: 'image', bytes: Buffer.from('x') };

test('the least request is model and prompt', () => {
  expect(parse()).toEqual({
    task: {
      model: 'NanoBanana',
      prompt: 'a pear',
      task_type: 'text2image',
      images: [],
      aspect_ratio: null,
      output_format: null,
      n: 1,
      webhook: null,
      priority: 'interactive',
      deadline_seconds: null,
      labels: {},
    },
    answer: { format: 'url', stream: false },
  });
});

test('what is harmless changes nothing, and null is absent', () => {
  const harmless = {
    user: 'u',
    safety_identifier: 's',
    quality: 'hd',
    moderation: 'auto',
    background: 'auto',
    size: 'auto',
  };
  expect(parse({ ...harmless, partial_images: 2, output_compression: 100, input_fidelity: 'low' })).toEqual(parse());
  const absent = Object.fromEntries(
    ['style', 'mask', 'size', 'n', 'response_format', 'image'].map((name) => [name, null]),
  );
  expect(parse(absent)).toEqual(parse());
});

test('a stream carries base64, whatever format is asked for', () => {
  expect(parse({ stream: true, response_format: 'url' }).answer).toEqual({ format: 'b64_json', stream: true });
});

describe('a size is mapped to its ratio', () => {
  test.each([
    ['1024x1024', '1:1'],
    ['1024x1536', '2:3'],
    ['1536x1024', '3:2'],
    ['1920x1080', '16:9'],
  ])('%s is %s', (size, ratio) => expect(parse({ size }).task.aspect_ratio).toBe(ratio));

  test('one that is no ratio names the nearest two', () => {
    const problem = (() => {
      try {
        parse({ size: '1792x1024' });
      } catch (error) {
        return error as Problem;
      }
    })();
    expect(problem).toMatchObject({ code: 'size_not_supported' });
    expect(problem!.message).toMatch(/16:9 and 3:2/);
  });

  test('one that contradicts the ratio is refused, one that agrees is not', () => {
    expect(refused({ size: '1024x1024', aspect_ratio: '16:9' })).toEqual(['size_not_supported', 'size']);
    expect(parse({ size: '1024x1024', aspect_ratio: '1:1' }).task.aspect_ratio).toBe('1:1');
  });
});

describe('references', () => {
  test.each([
    [{ image: url }, [{ field: 'image', url }]],
    [
      { image: [url, { url }] },
      [
        { field: 'image[0]', url },
        { field: 'image[1].url', url },
      ],
    ],
    [{ images: [{ image_url: url }] }, [{ field: 'images[0].image_url', url }]],
    [{ images: [{ image_url: { url } }] }, [{ field: 'images[0].image_url.url', url }]],
  ])('%j', (given, images) => expect(parse(given).task.images).toEqual(images));

  test('of a form are its files', () => {
    const { task } = parseImagesRequest('edits', least, [file, file]);
    expect(task.images.map(({ field }) => field)).toEqual(['image[0]', 'image[1]']);
    expect(task.task_type).toBe('image2image');
  });

  test.each<[string, () => unknown, string, string]>([
    [
      'files and URLs together',
      () => parseImagesRequest('edits', { ...least, image: url }, [file]),
      'conflicting_image_fields',
      'image',
    ],
    ['two fields', () => parse({ image: url, image_urls: [url] }), 'conflicting_image_fields', 'image_urls'],
    ['a stored file', () => parse({ images: [{ file_id: 'f' }] }), 'invalid_request', 'images[0].file_id'],
    ['eleven', () => parseImagesRequest('edits', least, Array(11).fill(file)), 'invalid_request', 'image'],
    [
      'a mask as a file',
      () => parseImagesRequest('edits', least, [{ ...file, field: 'mask' }]),
      'invalid_request',
      'mask',
    ],
    ['none at all, to be edited', () => parseImagesRequest('edits', least), 'image_required', 'image'],
  ])('refused: %s', (_what, act, code, field) => expect(refusalOf(act)).toEqual([code, field]));
});

test.each([
  ['style', 'vivid'],
  ['mask', 'x'],
  ['background', 'transparent'],
  ['input_fidelity', 'high'],
  ['output_compression', 50],
  ['response_format', 'png'],
  ['svg', {}],
  ['n', 'two'],
])('refused by name: %s', (name, value) => expect(refused({ [name]: value })).toEqual(['invalid_request', name]));

test('whatever is sent, it is parsed or refused by a Problem', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (fields, whole) => {
      for (const body of [{ ...least, ...fields }, whole]) {
        try {
          parseImagesRequest('edits', body);
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
        }
      }
    }),
  );
});
