import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { InvariantBroken } from '../errors/index.ts';
import type { NewTask } from './createTask.ts';
import { createTask } from './createTask.ts';
import { newTaskId } from './ids.ts';
import { readHash, readTask } from './readTask.ts';
import { manifestKey, manifestOf, parseManifest, parseRecord, RecordTooNew, recordVersion } from './record.ts';
import { never_late_ms, ordered, orderOf } from './testing/orders.ts';

const records = redisOfFile();

const text = fc.string({ unit: 'grapheme', maxLength: 50 });
/** What a member may be called: `__proto__` is refused at the door. */
const name = text.filter((one) => one !== '__proto__');
const input = fc.oneof(
  fc.record({ kind: fc.constant('url' as const), url: text }),
  fc.record({ kind: fc.constant('stored' as const), key: text, media_type: text }),
);
const ms = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const metadata = fc.option(fc.dictionary(name, fc.jsonValue()).map(plain));
const webhook = fc.record({ url: text, events: fc.option(fc.array(text)), metadata });

/** As JSON has it: without prototypes of its own and without -0. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

const order: fc.Arbitrary<NewTask> = fc
  .record({
    key_id: text,
    channel: text,
    fingerprint: fc.stringMatching(/^[0-9a-f]{64}$/),
    request: fc.record({
      model: text,
      prompt: fc.string({ unit: 'binary', maxLength: 200 }),
      task_type: fc.constantFrom('text2image', 'image2image'),
      inputs: fc.array(input, { maxLength: 10 }),
      aspect_ratio: fc.option(text),
      output_format: fc.option(text),
      n: fc.integer({ min: 1, max: 100 }),
    }),
    labels: fc.dictionary(name, text, { minKeys: 1, noNullPrototype: true }).map(plain),
    priority: fc.constantFrom('interactive', 'batch'),
    webhook: fc.option(webhook, { nil: undefined }),
    unit_price: text,
    currency: text,
    part_sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
    created_at_ms: ms,
    deadline_at_ms: ms,
  })
  .map((fields) => ({ ...fields, id: newTaskId() }));

test('every order reads back from Redis and from its manifest as it was written', async () => {
  await fc.assert(
    fc.asyncProperty(order, async (task) => {
      expect(await createTask(records, task, never_late_ms)).toBe('created');
      const { part_sizes, webhook, ...rest } = task;
      const read = (await readTask(records, task.id))!;
      expect(read).toMatchObject(rest);
      expect(read.webhook).toEqual(webhook);
      expect(read.parts.map(({ n }) => n)).toEqual(part_sizes);
      const hash = await readHash(records, task.id);
      expect(parseManifest(manifestOf(hash))).toBeUndefined();
      const ended = { ...hash, status: 'failed', finished_at_ms: '1' };
      expect(parseManifest(manifestOf(ended))).toEqual({ task: parseRecord(ended), hash: ended });
    }),
    { numRuns: 200 },
  );
});

test('an empty hash is no record', () => {
  expect(parseRecord({})).toBeUndefined();
});

test('a record of a newer release is refused with a sentence', async () => {
  const hash = await readHash(records, (await ordered(records)).id);
  const newer = { ...hash, v: String(recordVersion + 1), status: 'a status nobody knows yet' };
  expect(() => parseRecord(newer)).toThrow(RecordTooNew);
  expect(() => parseRecord(newer)).toThrow(/has version 2; this release knows up to 1\. Update this process\./);
});

test('fields that a later release added are passed over', async () => {
  const { id } = await ordered(records);
  const hash = await readHash(records, id);
  expect(parseRecord({ ...hash, 'p0.colour': 'red', mood: 'fine' })).toEqual(parseRecord(hash));
});

test('a part’s field that was emptied counts as absent', async () => {
  const hash = await readHash(records, (await ordered(records)).id);
  const task = parseRecord({ ...hash, 'p0.upstream_task_id': '', 'p0.trouble': '' });
  expect(task?.parts[0]).not.toHaveProperty('upstream_task_id');
  expect(task?.parts[0]).not.toHaveProperty('trouble');
});

test.each([
  'v',
  'id',
  'key_id',
  'channel',
  'request',
  'parts',
  'status',
  'unit_price',
  'created_at_ms',
  'p0.state',
  'p0.n',
])('a record without %s is a broken invariant, not a half-read task', async (field) => {
  const { [field]: _gone, ...hash } = await readHash(records, (await ordered(records)).id);
  expect(() => parseRecord(hash)).toThrow(InvariantBroken);
});

test.each([
  ['request', '{'],
  ['request', '{"model":"x"}'],
  ['status', 'done'],
  ['created_at_ms', '1.5'],
  ['labels', '[]'],
  ['possibly_duplicated', 'yes'],
  ['p0.state', 'lost'],
  ['p0.images', '[{"key":"k"}]'],
  ['p0.fence', 'NaN'],
])('a record whose %s is %j is a broken invariant', async (field, value) => {
  const hash = await readHash(records, (await ordered(records)).id);
  expect(() => parseRecord({ ...hash, [field]: value })).toThrow(InvariantBroken);
});

test.each(['{}', '{"record":{}}', '{"record":{"v":1}}', 'null', '[]'])('%s is no manifest', (text) => {
  expect(() => parseManifest(text)).toThrow(InvariantBroken);
});

test('a manifest stands beside the pictures of its task', () => {
  const { id } = orderOf();
  expect(manifestKey(id)).toBe(`${id}/manifest.json`);
});
