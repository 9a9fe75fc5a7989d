import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resultsOf } from './readResults.ts';

const base = 'https://upstream.example/api';
const [a, b] = ['https://cdn.example/a.png?x=1,2', 'https://cdn.example/b.png'];
const urls = [{ url: a }, { url: b }];
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAI';
const jpeg = '/9j/4AAQSkZJRgABAQAAAQABAAD';

const read = (answer: unknown) => resultsOf(answer as Record<string, unknown>, base);

describe('one picture is found wherever its URL stands', () => {
  test.each<[unknown]>([
    [{ data: { result_url: a } }],
    [{ result_url: a }],
    [{ data: { result_url: [a] } }],
    [{ data: { result_url: { url: a } } }],
    [{ data: { url: a } }],
    [{ data: { image_url: a } }],
    [{ data: { image_url: { url: a } } }],
    [{ data: [{ url: a }] }],
    [{ data: { output: a } }],
    [{ data: { output: [a] } }],
    [{ data: { result: { url: a } } }],
    [{ data: { results: [{ url: a, b64_json: null }] } }],
    [{ data: { images: [{ image: a }] } }],
    [{ data: { images: [{ src: a }] } }],
    [{ data: { result_url: ` ${a}\n` } }],
    [{ data: { result_url: a, url: 'not a url', images: [], metadata: { result_urls: [] } } }],
  ])('%j', (answer) => expect(read(answer)).toEqual([{ url: a }]));
});

describe('several pictures are found, each once and in their order', () => {
  test.each<[unknown]>([
    [{ data: { result_urls: [a, b] } }],
    [{ data: { result_url: a, result_urls: [a, b] } }],
    [{ data: { result_url: a, metadata: { result_urls: [a, b] } } }],
    [{ data: { results: [{ url: a }, { url: b }] } }],
    [{ data: { images: [{ url: a }, { url: b }] } }],
    [{ data: { images: [a, b] } }],
    [{ data: { urls: [a, b] } }],
    [{ data: { image_urls: [a, b] } }],
    [{ data: { metadata: { images: [{ url: a }, { url: b }] } } }],
    [{ data: { output: { images: [{ url: a }, { url: b }] } } }],
    [{ data: { result: { images: [{ url: a }, { url: b }] } } }],
    [{ data: { output: [{ url: a }, { url: b }] } }],
    [{ data: { data: [{ url: a }, { url: b }] } }],
    [{ data: { data: { data: [{ url: a }, { url: b }] } } }],
    [{ data: { data: { images: [{ url: a }, { url: b }] } } }],
    [{ created: 1, data: [{ url: a }, { url: b }] }],
    [{ data: { result_url: [a, b] } }],
    [{ data: { result_url: `${a},${b}` } }],
    [{ data: { result_url: `${a} , ${b}` } }],
    [{ data: { result_url: JSON.stringify([a, b]) } }],
    [{ data: { result_url: [a, b, a] } }],
    [{ status: 'succeeded', results: [{ url: a }, { url: b }] }],
    [{ status: 'succeeded', result_urls: [a, b] }],
  ])('%j', (answer) => expect(read(answer)).toEqual(urls));
});

describe('a picture that came with the answer is taken from it', () => {
  test.each<[unknown, string]>([
    [{ data: { b64_json: png } }, png],
    [{ data: [{ b64_json: png }] }, png],
    [{ data: { images: [{ b64_json: png, url: null }] } }, png],
    [{ data: { images: [{ base64: png }] } }, png],
    [{ data: { images: [{ b64_json: `data:image/png;base64,${png}` }] } }, png],
    [{ data: { result_url: `data:image/png;base64,${png}` } }, png],
    [{ data: { result_url: `DATA:image/jpeg;charset=utf-8;base64,${jpeg}` } }, jpeg],
    [{ data: { result: png } }, png],
    [{ data: { result: jpeg } }, jpeg],
    [{ data: { images: [{ url: `data:image/jpeg;base64,${jpeg}` }] } }, jpeg],
  ])('%j', (answer, base64) => expect(read(answer)).toEqual([{ base64 }]));

  test('several data URIs in one text are several', () => {
    const text = [png, jpeg].map((one) => `data:image/png;base64,${one}`).join();
    expect(read({ data: { result_url: text } })).toEqual([{ base64: png }, { base64: jpeg }]);
  });
});

test.each([
  ['/results/a.png', 'https://upstream.example/results/a.png'],
  ['//cdn.example/a.png', 'https://cdn.example/a.png'],
])('%s is read against the upstream', (text, url) => {
  expect(read({ data: { result_url: text } })).toEqual([{ url }]);
});

test.each<[unknown]>([
  [{}],
  [{ data: null }],
  [{ data: { result_url: null } }],
  [{ data: { result_url: '' } }],
  [{ data: { result_url: ' , ' } }],
  [{ data: { result_url: 'soon' } }],
  [{ data: { result_url: 'ftp://cdn.example/a.png' } }],
  [{ data: { result_url: 'javascript:alert(1)' } }],
  [{ data: { result_url: 'file:///etc/passwd' } }],
  [{ data: { result_url: 'data:text/html,<p>' } }],
  [{ data: { result_url: 7, images: 7, results: { url: 7 } } }],
  [{ data: { images: [[[[[[[[a]]]]]]]] } }],
  [{ data: { result_url: '[oops' } }],
])('%j holds no picture', (answer) => expect(read(answer)).toEqual([]));

test('more pictures than a task can have are cut off', () => {
  const many = Array.from({ length: 5000 }, (_, i) => `https://cdn.example/${i}.png`);
  expect(read({ data: { result_urls: many } })).toHaveLength(100);
});

test('no answer makes it throw, and what it finds is a web URL or text', () => {
  const place = fc.constantFrom(
    'data',
    'result_url',
    'images',
    'results',
    'output',
    'url',
    'b64_json',
    'metadata',
    'x',
  );
  const leaf = fc.oneof(fc.constantFrom(a, png, '', null, 1, true), fc.string(), fc.webUrl());
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 5 },
      leaf,
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(place, tie('any'), { maxKeys: 4 }),
    ),
    answer: fc.dictionary(place, tie('any'), { maxKeys: 6 }),
  })).answer;
  fc.assert(
    fc.property(fc.oneof(value, fc.dictionary(fc.string(), fc.jsonValue())), (answer) => {
      for (const result of read(JSON.parse(JSON.stringify(answer)))) {
        if ('url' in result) expect(result.url).toMatch(/^https?:/i);
        else expect(result.base64).toBeTypeOf('string');
      }
    }),
    { numRuns: 1000 },
  );
});

test('an answer nested without end does not exhaust the stack', () => {
  const deep = `${'['.repeat(5000)}"${a}"${']'.repeat(5000)}`;
  expect(read({ data: { images: JSON.parse(deep) } })).toEqual([]);
});
