import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { refusalOf } from '../../../../../tests/world/problemOf.ts';
import { Problem } from '../../errors/index.ts';
import { parseContentRequest } from './parseContentRequest.ts';

const model = 'NanoBanana2-1K';
const text = { parts: [{ text: 'a pear' }] };
const parse = (changes: object = {}, name = model) => parseContentRequest(name, { contents: [text], ...changes });
const url = 'https://example.com/a.png';

test.each([
  ['a pear'],
  [['a pear']],
  [{ parts: { text: 'a pear' } }],
  [{ text: 'a pear' }],
  [[{ text: 'a pear' }]],
  [[text]],
])('contents may be %j', (contents) => expect(parse({ contents }).prompt).toBe('a pear'));

test('what was said before, and the system’s instruction, are part of what is asked; pictures keep their order', () => {
  const contents = [
    { role: 'user', parts: [{ text: 'a pear' }, { inlineData: { mimeType: 'image/png', data: 'AAAA' } }] },
    { role: 'model', parts: [{ inlineData: { mimeType: 'image/png', data: 'BBBB' }, thoughtSignature: 'x' }] },
    { role: 'user', parts: [{ text: 'now green' }, { fileData: { fileUri: url } }] },
  ];
  const { prompt, images, task_type } = parse({ contents, systemInstruction: { parts: [{ text: 'in oil' }] } });
  expect(prompt).toBe('in oil\na pear\nnow green');
  expect(images.map((one) => ('base64' in one ? one.base64 : 'url' in one ? one.url : ''))).toEqual([
    'AAAA',
    'BBBB',
    url,
  ]);
  expect(task_type).toBe('image2image');
});

test('names may be written with underscores, but what is inside the client’s own is left alone', () => {
  const snake = {
    generation_config: { image_config: { aspect_ratio: '16:9', output_format: 'jpeg' }, candidate_count: 2 },
    webhook_url: 'https://example.com/hook',
    webhook_metadata: { my_key: { is_mine: null } },
    labels: { my_team: 'fruit' },
  };
  expect(parse(snake)).toMatchObject({
    aspect_ratio: '16:9',
    output_format: 'jpeg',
    n: 2,
    webhook: { url: 'https://example.com/hook', metadata: { my_key: { is_mine: null } } },
    labels: { my_team: 'fruit' },
  });
});

describe('the model', () => {
  const sized = (imageSize?: string) => ({ generationConfig: { imageConfig: { imageSize } } });
  test.each([
    ['NanoBanana2-1K', undefined, 'NanoBanana2-1K'],
    ['NanoBanana2-1K', '4K', 'NanoBanana2-4K'],
    ['gemini-3-pro-image-preview', undefined, 'NanoBananaPro-1K'],
    ['gemini-3-pro-image-preview-4k', undefined, 'NanoBananaPro-4K'],
    ['gemini-3-pro-image-preview-4k', '2K', 'NanoBananaPro-2K'],
    ['gemini-3.1-flash-image-preview-512', undefined, 'NanoBanana2-0.5K'],
    ['gemini-3.1-flash-image-preview', '512', 'NanoBanana2-0.5K'],
    ['gemini-3.1-flash-image', '2k', 'NanoBanana2-2K'],
    ['gemini-2.5-flash-image', undefined, 'NanoBanana'],
    ['NanoBanana', '1K', 'NanoBanana'],
    ['something-else', undefined, 'something-else'],
  ])('%s with size %s is %s', (name, size, id) => expect(parse(sized(size), name).model).toBe(id));

  test.each([
    ['NanoBanana2-1K', '8K'],
    ['gemini-3-pro-image-preview', '512'],
    ['NanoBanana', '4K'],
  ])('%s has no size %s', (name, size) => {
    const field = 'generationConfig.imageConfig.imageSize';
    expect(refusalOf(() => parse(sized(size), name))).toEqual(['invalid_request', field]);
  });
});

test.each<[object, string]>([
  [{ contents: [] }, 'contents'],
  [{ contents: undefined }, 'contents'],
  [{ contents: [{ parts: [{ functionCall: {} }] }] }, 'contents[0].parts[0]'],
  [{ contents: [{ parts: [{ text: '' }] }] }, 'contents'],
  [{ contents: [{ parts: [{ text: 'x'.repeat(32_001) }] }] }, 'contents'],
  [{ contents: [{ parts: [text.parts[0], ...Array(11).fill({ fileData: { fileUri: url } })] }] }, 'contents'],
  [{ tools: [{ googleSearch: {} }] }, 'tools[0]'],
  [{ cachedContent: 'x' }, 'cachedContent'],
  [{ generationConfig: { speechConfig: {} } }, 'generationConfig.speechConfig'],
  [{ generationConfig: { responseModalities: ['TEXT'] } }, 'generationConfig.responseModalities'],
  [{ generationConfig: { candidateCount: '2' } }, 'generationConfig.candidateCount'],
  [{ surprise: 1 }, 'surprise'],
])('refused, naming where: %j', (changes, field) => {
  expect(refusalOf(() => parse(changes))[1]).toBe(field);
});

test('whatever is sent, it is parsed or refused by a Problem', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (fields, whole) => {
      for (const body of [{ contents: [text], ...fields }, whole, { contents: whole }, { generationConfig: whole }]) {
        try {
          parseContentRequest(model, body);
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
        }
      }
    }),
  );
});
