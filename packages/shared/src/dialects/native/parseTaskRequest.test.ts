import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { problemOf, refusalOf } from '../../../../../tests/world/problemOf.ts';
import { Problem, problems } from '../../errors/index.ts';
import { parseTaskRequest } from './parseTaskRequest.ts';

const least = { model: 'NanoBanana', prompt: 'a pear' };
const parse = (changes: object = {}) => parseTaskRequest({ ...least, ...changes });
const refused = (changes: object) => refusalOf(() => parse(changes));
const url = 'https://example.com/a.png';

test('the least request is model and prompt; all else has a default', () => {
  expect(parse()).toEqual({
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
  });
});

test('every field is taken as it is given', () => {
  const request = {
    task_type: 'image2image',
    image: url,
    aspect_ratio: '16:9',
    output_format: 'webp',
    n: 3,
    response_format: 'url',
    webhook_url: 'https://example.com/hook',
    webhook_events: ['task.started', 'task.failed'],
    webhook_metadata: { any: [1, { depth: null }] },
    priority: 'batch',
    deadline_seconds: 60,
    labels: { tier: 'gold' },
  };
  const { image: _image, response_format: _format, webhook_url, webhook_events, webhook_metadata, ...same } = request;
  expect(parse(request)).toEqual({
    ...least,
    ...same,
    images: [{ field: 'image', url }],
    webhook: { url: webhook_url, events: webhook_events, metadata: webhook_metadata },
  });
});

test('a field that is null counts as absent', () => {
  const fields = 'task_type image images aspect_ratio output_format n webhook_url priority labels size'.split(' ');
  expect(parse(Object.fromEntries(fields.map((field) => [field, null])))).toEqual(parse());
});

test.each([undefined, null, 'text', 7, true, [], [least]])('the body %j is refused whole', (body) => {
  expect(refusalOf(() => parseTaskRequest(body))).toEqual(['invalid_request', undefined]);
});

describe('a bad field is refused by its name:', () => {
  test.each<[object, string]>([
    [{ model: undefined }, 'model'],
    [{ model: '' }, 'model'],
    [{ model: 7 }, 'model'],
    [{ prompt: undefined }, 'prompt'],
    [{ prompt: ' \n' }, 'prompt'],
    [{ prompt: ['a'] }, 'prompt'],
    [{ prompt: 'x'.repeat(32_001) }, 'prompt'],
    [{ task_type: 'video' }, 'task_type'],
    [{ n: '2' }, 'n'],
    [{ output_format: 7 }, 'output_format'],
    [{ response_format: 'b64_json' }, 'response_format'],
    [{ webhook_url: 7 }, 'webhook_url'],
    [{ webhook_url: url, webhook_events: ['task.done'] }, 'webhook_events[0]'],
    [{ webhook_url: url, webhook_metadata: 'x' }, 'webhook_metadata'],
    [{ webhook_url: url, webhook_metadata: { a: 'x'.repeat(4096) } }, 'webhook_metadata'],
    [{ webhook_events: ['task.failed'] }, 'webhook_events'],
    [{ webhook_metadata: {} }, 'webhook_metadata'],
    [{ priority: 'urgent' }, 'priority'],
    [{ deadline_seconds: 0 }, 'deadline_seconds'],
    [{ deadline_seconds: 1.5 }, 'deadline_seconds'],
    [{ deadline_seconds: 604_801 }, 'deadline_seconds'],
    [{ labels: [] }, 'labels'],
    [{ labels: { tier: 1 } }, 'labels.tier'],
    [{ labels: { tier: 'x'.repeat(513) } }, 'labels.tier'],
    [{ labels: { ['k'.repeat(65)]: 'x' } }, `labels.${'k'.repeat(65)}`],
    [{ labels: { '': 'x' } }, 'labels.'],
    [{ labels: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 'x'])) }, 'labels'],
    [{ colour: 'red' }, 'colour'],
    [{ aspectRatio: '1:1' }, 'aspectRatio'],
  ])('%j', (changes, field) => expect(refused(changes)).toEqual(['invalid_request', field]));
});

test('limits are inclusive', () => {
  const labels = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`${i}`.padEnd(64, 'k'), 'v'.repeat(512)]));
  expect(parse({ labels, prompt: 'x'.repeat(32_000), deadline_seconds: 604_800 }).labels).toEqual(labels);
});

test('all that is wrong is told at once, and an unknown field never by its value', () => {
  const { fields, message } = problemOf(() => parse({ prompt: '', n: 'x', api_key: 'sk-secret', user: 'someone' }));
  expect(fields.map(({ field }) => field).sort()).toEqual(['api_key', 'n', 'prompt', 'user']);
  expect(JSON.stringify([fields, message])).not.toMatch(/sk-secret|someone/);
});

test('size is no control here, and the ratio to use is named', () => {
  const message = (size: unknown) => problemOf(() => parse({ size })).message;
  for (const size of ['1024x1024', '1792x1024', 'big', 7, {}]) {
    expect(refused({ size })).toEqual(['size_not_supported', 'size']);
  }
  expect(message('1024x1024')).toContain('"1:1"`.');
  expect(message('1920×1080')).toContain('"16:9"`.');
  expect(message('1792x1024')).toMatch(/"16:9"` \(the nearest there is\)/);
  expect(message('auto')).toContain('one of 1:1, 2:3');
});

describe('aspect ratios', () => {
  test.each(['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'])('%s is one', (aspect_ratio) => {
    expect(parse({ aspect_ratio }).aspect_ratio).toBe(aspect_ratio);
  });
  test('may have spaces', () => expect(parse({ aspect_ratio: ' 16 : 9 ' }).aspect_ratio).toBe('16:9'));
  test.each(['16:10', '1', '', '16/9', '1024x1024', 'auto', '01:1'])('%j is none', (aspect_ratio) => {
    expect(refused({ aspect_ratio })).toEqual(['invalid_aspect_ratio', 'aspect_ratio']);
    expect(problemOf(() => parse({ aspect_ratio })).message).toContain('21:9');
  });
});

test.each([
  ['PNG', 'png'],
  ['jpg', 'jpeg'],
  ['JPEG', 'jpeg'],
  ['avif', 'avif'],
])('the format %s is asked of the model as %s', (given, asked) => {
  expect(parse({ output_format: given }).output_format).toBe(asked);
});

test('the kind of task follows from its references, and may not contradict them', () => {
  expect(parse({ image: url }).task_type).toBe('image2image');
  expect(parse({ images: [] }).task_type).toBe('text2image');
  expect(refused({ task_type: 'image2image' })).toEqual(['image_required', 'image']);
  expect(refused({ task_type: 'image2image', images: [] })).toEqual(['image_required', 'image']);
  expect(refused({ task_type: 'text2image', image: url })).toEqual(['image_not_allowed', 'image']);
  expect(refused({ task_type: 'text2image', images: [url] })).toEqual(['image_not_allowed', 'images[0]']);
});

test('names of prototypes are names like any other', () => {
  const labels = JSON.parse('{"__proto__": "x", "constructor": "y"}');
  const body = JSON.parse(`{"model": "m", "prompt": "p", "__proto__": {"n": 4}}`);
  expect(parse({ labels }).labels.constructor).toBe('y');
  expect(refusalOf(() => parseTaskRequest(body))).toEqual(['invalid_request', '__proto__']);
  expect(({} as Record<string, unknown>).n).toBeUndefined();
});

test('whatever JSON comes, it is a request or a Problem of status 400 with a message', () => {
  const known = 'model prompt n size image images image_url labels webhook_url webhook_events aspect_ratio priority';
  const name = fc.oneof(fc.constantFrom(...known.split(' ')), fc.string());
  const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(url, '1:1', 'batch', 2, {}, []));
  const body = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(name, value).map((changes) => ({ ...least, ...changes })),
  );
  fc.assert(
    fc.property(body, (json) => {
      try {
        const { model, prompt } = parseTaskRequest(json);
        expect([typeof model, typeof prompt]).toEqual(['string', 'string']);
      } catch (error) {
        expect(error).toBeInstanceOf(Problem);
        expect(problems[(error as Problem).code].status).toBe(400);
        expect((error as Problem).message).toMatch(/\S/);
      }
    }),
    { numRuns: 1000 },
  );
});
