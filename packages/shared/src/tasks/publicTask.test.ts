import fc from 'fast-check';
import { expect, test } from 'vitest';
import { taskError } from '../errors/index.ts';
import { type PublicTask, publicTask, times } from './publicTask.ts';
import type { Part, StoredImage, TaskRecord } from './record.ts';
import { created_at_ms, orderOf } from './testing/orders.ts';

const imageOf = (name: string): StoredImage => ({
  key: `task_x/${name}.png`,
  media_type: 'image/png',
  bytes: 10,
  width: 8,
  height: 9,
  sha256: 'a'.repeat(64),
});

const partOf = (changes: Partial<Part> = {}): Part => ({
  state: 'queued',
  n: 1,
  fence: 0,
  starts: 0,
  attempt: 0,
  next_attempt: 1,
  progress: 0,
  tries: 0,
  unknowns: 0,
  ...changes,
});

function recordOf({ parts = [partOf()], ...changes }: Partial<TaskRecord> = {}): TaskRecord {
  const { part_sizes: _sizes, labels: _labels, ...order } = orderOf({ part_sizes: parts.map(({ n }) => n) });
  return { ...order, v: 1, status: 'queued', progress: 0, possibly_duplicated: false, history: '', parts, ...changes };
}

const shown = (task: TaskRecord): PublicTask => publicTask(task, (key) => `https://x/files/${key}?sig`);

test('a queued task shows every field, null where there is nothing to say', () => {
  const task = recordOf({ labels: { a: 'b' } });
  expect(shown(task)).toEqual({
    task_id: task.id,
    status: 'queued',
    progress: '0%',
    result_url: null,
    result_urls: [],
    metadata: {
      task_type: 'text2image',
      result_count: 0,
      model: 'NanoBanana',
      channel: 'default',
      attempts: 0,
      possibly_duplicated: false,
      labels: { a: 'b' },
      cost: { estimated: '0.0390', actual: null, currency: 'USD' },
      timings: {
        created_at: '2026-01-01T00:00:00.000Z',
        submitted_at: null,
        finished_at: null,
        queued_ms: null,
        upstream_ms: null,
        total_ms: null,
      },
      images: [],
    },
    error: null,
  });
});

test('nothing of the record that is not meant for its owner is shown', () => {
  const task = recordOf({
    key_id: 'k_hidden',
    fingerprint: 'hidden',
    history: 'hidden',
    parts: [partOf({ trouble: 'hidden' })],
  });
  expect(JSON.stringify(shown(task))).not.toMatch(/hidden|a pear/);
});

test('pictures stand in the order of the parts, the first one also alone', () => {
  const parts = [
    partOf({ state: 'succeeded', n: 2, attempt: 2, images: [imageOf('0'), imageOf('1')] }),
    partOf({ state: 'failed', attempt: 3, images: undefined }),
    partOf({ state: 'succeeded', attempt: 1, images: [imageOf('3')] }),
  ];
  const task = shown(recordOf({ parts, status: 'succeeded', progress: 100, possibly_duplicated: true }));
  const urls = ['0', '1', '3'].map((name) => `https://x/files/task_x/${name}.png?sig`);
  expect(task).toMatchObject({ progress: '100%', result_url: urls[0], result_urls: urls });
  expect(task.metadata).toMatchObject({ attempts: 6, result_count: 3, possibly_duplicated: true });
  expect(task.metadata.images.map(({ url }) => url)).toEqual(urls);
  expect(task.metadata.images[0]).not.toHaveProperty('key');
  expect(task.metadata.cost).toEqual({ estimated: '0.1560', actual: '0.1170', currency: 'USD' });
});

const said = { status: 400, code: 'bad', message: 'no' };
const accepted = { upstream_task_id: 'u1' };

test.for<[TaskRecord['status'], Partial<Part>, string | null]>([
  ['queued', {}, null],
  ['in_progress', { state: 'running', attempt: 1 }, null],
  ['succeeded', { state: 'succeeded', attempt: 1, images: [imageOf('0')] }, '0.0390'],
  ['failed', { state: 'failed', attempt: 3 }, '0.0000'],
  ['canceled', { state: 'canceled', attempt: 0 }, '0.0000'],
  ['canceled', { state: 'canceled', attempt: 1 }, null],
  ['canceled', { state: 'canceled', attempt: 2, images: [imageOf('0')] }, null],
  ['failed', { state: 'expired', attempt: 1 }, '0.0000'],
  ['failed', { state: 'expired', attempt: 1, upstream_task_id: 'u1' }, null],
  ['failed', { state: 'expired', attempt: 1, unknowns: 1 }, null],
  ['failed', { state: 'failed', attempt: 1, error: taskError('submission_unknown', 'no') }, null],
  ['failed', { state: 'failed', attempt: 1, error: taskError('upstream_refused', 'no', said) }, '0.0000'],
  ['failed', { state: 'failed', attempt: 1, unknowns: 1, error: taskError('upstream_refused', 'no', said) }, null],
  ['failed', { state: 'failed', attempt: 1, ...accepted, error: taskError('upstream_failed', 'no', said) }, '0.0000'],
  ['failed', { state: 'failed', attempt: 1, ...accepted, error: taskError('content_policy', 'no', said) }, '0.0000'],
  ['failed', { state: 'failed', attempt: 1, ...accepted, error: taskError('upstream_failed', 'forgotten') }, null],
  ['failed', { state: 'failed', attempt: 1, ...accepted, error: taskError('result_unavailable', 'gone') }, null],
  ['failed', { state: 'failed', attempt: 1, ...accepted, error: taskError('poisoned', 'five died') }, null],
])('the actual cost of a %s task with part %j is %s', ([status, part, actual]) => {
  expect(shown(recordOf({ status, parts: [partOf(part)] })).metadata.cost.actual).toBe(actual);
});

test('a canceled task with pictures has no actual cost while another part of it may be charged', () => {
  const made = partOf({ state: 'succeeded', attempt: 1, images: [imageOf('0')] });
  const costOf = (other: Partial<Part>) =>
    shown(recordOf({ status: 'canceled', parts: [made, partOf({ state: 'canceled', ...other })] })).metadata.cost;
  expect(costOf({ attempt: 1 })).toEqual({ estimated: '0.0780', actual: null, currency: 'USD' });
  expect(costOf({ attempt: 0 })).toEqual({ estimated: '0.0780', actual: '0.0390', currency: 'USD' });
});

test('timings say how long it waited, was made, and took in all', () => {
  const ms = (after: number) => created_at_ms + after;
  const parts = [
    partOf({ state: 'succeeded', stored_at_ms: ms(900) }),
    partOf({ state: 'succeeded', stored_at_ms: ms(1200) }),
  ];
  const task = recordOf({ status: 'succeeded', parts, submitted_at_ms: ms(100), finished_at_ms: ms(1500) });
  expect(shown(task).metadata.timings).toEqual({
    created_at: '2026-01-01T00:00:00.000Z',
    submitted_at: '2026-01-01T00:00:00.100Z',
    finished_at: '2026-01-01T00:00:01.500Z',
    queued_ms: 100,
    upstream_ms: 1100,
    total_ms: 1500,
  });
});

test('clocks that disagree never make a negative time', () => {
  const task = recordOf({ submitted_at_ms: created_at_ms - 50, finished_at_ms: created_at_ms - 10, status: 'failed' });
  expect(shown(task).metadata.timings).toMatchObject({ queued_ms: 0, total_ms: 0, upstream_ms: null });
});

test('an error is shown as it is stored', () => {
  const error = taskError('upstream_refused', 'no', { status: 400, code: 'bad', message: 'no' });
  expect(shown(recordOf({ status: 'failed', error })).error).toEqual(error);
});

test.each([
  ['0.0390', 1, '0.0390'],
  ['0.0390', 3, '0.1170'],
  ['0.1', 3, '0.3000'],
  ['0', 4, '0.0000'],
  ['0.00000001', 100, '0.00000100'],
  ['0.29', 100, '29.0000'],
  ['1000000000.00000001', 7, '7000000000.00000007'],
  ['12', 0, '0.0000'],
])('%s times %i is %s', (price, count, total) => expect(times(price, count)).toBe(total));

test('money is exact for every price that can be configured and every n', () => {
  const price = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 8 }), fc.nat({ max: 99_999_999 }));
  fc.assert(
    fc.property(price, fc.nat({ max: 100 }), ([whole, decimals, fraction], count) => {
      const digits = String(fraction).padStart(8, '0').slice(0, decimals);
      const text = decimals === 0 ? String(whole) : `${whole}.${digits}`;
      const scale = Math.max(4, decimals);
      const units = BigInt(whole) * 10n ** BigInt(scale) + BigInt(digits.padEnd(scale, '0'));
      const [, integer, rest] = /^(\d+)\.(\d+)$/.exec(times(text, count))!;
      expect(rest).toHaveLength(scale);
      expect(BigInt(integer! + rest!)).toBe(units * BigInt(count));
    }),
  );
});
