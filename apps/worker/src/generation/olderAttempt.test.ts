import { type NewTask, partStore, readTask } from '@darkroom/shared/tasks';
import { noMetrics } from '@darkroom/shared/telemetry';
import { expect, test } from 'vitest';
import { claimed, created_at_ms, ordered } from '../../../../packages/shared/src/tasks/testing/orders.ts';
import { objectStore } from '../../../../tests/simulation/objectsModel.ts';
import { pngBase64 } from '../../../../tests/world/pictures.ts';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { fixedSchedule } from '../polling/fixedSchedule.ts';
import { change, nextAttempt } from './change.ts';
import { collect } from './collect.ts';
import type { GenerationDeps } from './deps.ts';
import type { Hand } from './hand.ts';
import { poll } from './poll.ts';

const records = redisOfFile();
const results = [{ base64: pngBase64 }];

/** As much of a worker as takes a part from its POST to its stored picture; no upstream task is running for long. */
const deps = () =>
  ({
    parts: partStore(records),
    upstream: { query: async () => ({ kind: 'succeeded', results }) },
    catalogue: { currency: 'USD', channels: [] },
    schedule: fixedSchedule({ min_ms: 0, max_ms: 0 }),
    store: objectStore(new Map(), async (_, act) => act()),
    limits: { max_attempts: 3, download_tries: 1, max_result_bytes: 100_000, retry_backoff_ms: 0 },
    metrics: noMetrics,
    workerId: 'w',
    now: () => created_at_ms,
    monotonic: () => 0,
    pause: async () => undefined,
  }) as unknown as GenerationDeps;

async function claimedHand(order: NewTask): Promise<Hand> {
  const { held, task } = await claimed(records, order);
  const part = task.parts[0]!;
  const channel = { id: 'default', models: [] } as unknown as Hand['channel'];
  const view = { log: () => undefined, progress: async () => undefined, flush: async () => undefined };
  const now = { signal: new AbortController().signal, leaseHolds: () => true, isNoted: false, taskEnded: false };
  return { task, index: 0, part, fence: held.fence, channel, view, ...now };
}

/** Posts the next attempt, and has it accepted. */
async function accepted(hand: Hand, upstream_task_id: string): Promise<Hand> {
  const attempt = hand.part.next_attempt;
  const submitting = await change(deps(), hand, 'submit', { part: { attempt }, why: '' });
  return change(deps(), submitting, 'accept', { part: { upstream_task_id, submitted_at_ms: created_at_ms }, why: '' });
}

const temporary = { code: 'upstream_failed', message: 'for now', retryable: true, upstream: null } as const;

test.for(['running', 'storing'] as const)(
  'pictures are of the upstream task that the record names, also after Redis went back to an earlier attempt: %s',
  async (state) => {
    const { redis, keys } = records;
    const order = await ordered(records);
    const collected = (hand: Hand) => (state === 'storing' ? poll(deps(), hand) : hand);
    const first = await collected(await accepted(await claimedHand(order), 'ut_1'));
    const then = (await redis.dumpBuffer(keys.task(order.id)))!;
    const again = await nextAttempt(deps(), first, temporary as never);
    const second = await collected(await accepted(again, 'ut_2'));
    await redis.restore(keys.task(order.id), 0, then, 'REPLACE');
    const storing = state === 'storing' ? second : await poll(deps(), second);
    // Whoever takes the part over from here must ask for the right one.
    if (state === 'running') expect(await partOf(order)).toMatchObject({ attempt: 2, upstream_task_id: 'ut_2' });
    await collect(deps(), storing);
    expect(await partOf(order)).toMatchObject({ state: 'succeeded', attempt: 2, upstream_task_id: 'ut_2' });
  },
);

const partOf = async ({ id }: NewTask) => (await readTask(records, id))?.parts[0];
