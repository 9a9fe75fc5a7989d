import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { cancelTask } from './cancelTask.ts';
import { changePart, type HeldPart } from './changePart.ts';
import { claimPart } from './claimPart.ts';
import type { NewTask } from './createTask.ts';
import { readTask } from './readTask.ts';
import type { TaskRecord } from './record.ts';
import { releasePart } from './releasePart.ts';
import { created_at_ms, ordered } from './testing/orders.ts';
import {
  isFinalState,
  isFinalStatus,
  type PartState,
  type TaskStatus,
  type TransitionName,
  transitions,
} from './transitions.ts';

const records = redisOfFile();

/** What we expect of a part, and every claim there ever was on it, also those that Redis has forgotten. */
type ModelPart = { state: PartState; fence: number; claims: HeldPart[] };
type Model = { order: NewTask; parts: ModelPart[]; kept: Kept };
type Command = (model: Model) => Promise<unknown>;

/** How it all stood at a moment to which Redis may go back. */
type Kept = { record: Buffer; open: string | null; parts: Pick<ModelPart, 'state' | 'fence'>[] };

const names = Object.keys(transitions) as TransitionName[];
const partIndex = fc.nat({ max: 2 });
const at = (model: Model, index: number) => model.parts[index % model.parts.length]!;

const claim = (index: number): Command => {
  return async (model) => {
    const part = index % model.parts.length;
    const answer = await claimPart(records, model.order.id, part);
    const expected = at(model, part);
    expect(answer.word).toBe(isFinalState(expected.state) ? 'final' : 'claimed');
    if (answer.word !== 'claimed') return;
    const { fence } = answer.task.parts[part]!;
    expect(fence).toBeGreaterThan(expected.fence);
    expect(expected.claims.map((held) => held.fence)).not.toContain(fence);
    expected.fence = fence;
    expected.claims.push({ id: model.order.id, part, fence });
  };
};

/** A change by one of all who ever held the part: mostly its present holder, sometimes one of the past. */
const change = (index: number, name: TransitionName, by: number, progress: number): Command => {
  return async (model) => {
    const expected = at(model, index);
    const held = expected.claims.at(-1 - (by % (expected.claims.length + 1)));
    if (!held) return;
    const { from, to } = transitions[name];
    const allowed = (from as readonly PartState[]).includes(expected.state);
    const { word } = await changePart(records, held, name, { now_ms: created_at_ms, part: { progress }, note: 'w' });
    expect(word).toBe(held.fence !== expected.fence ? 'stale_fence' : allowed ? 'changed' : 'not_allowed');
    if (word === 'changed') expected.state = to;
  };
};

const release = (index: number, by: number): Command => {
  return async (model) => {
    const expected = at(model, index);
    const held = expected.claims.at(-1 - (by % (expected.claims.length + 1)));
    if (!held) return;
    const refusal = expected.fence === 0 ? 'missing' : 'stale_fence';
    expect(await releasePart(records, held)).toBe(held.fence === expected.fence ? 'released' : refusal);
  };
};

const cancel: Command = async (model) => {
  const { id, key_id } = model.order;
  const over = model.parts.every(({ state }) => isFinalState(state));
  expect(await cancelTask(records, id, key_id, created_at_ms)).toBe(over ? 'finished' : 'canceled');
  const now = (await readTask(records, id))!;
  for (const [index, part] of model.parts.entries()) {
    if (isFinalState(part.state)) continue;
    const { fence } = now.parts[index]!;
    expect(fence).toBeGreaterThan(part.fence);
    Object.assign(part, { state: 'canceled', fence });
  }
};

async function keep({ order: { id }, parts }: Pick<Model, 'order' | 'parts'>): Promise<Kept> {
  const { redis, keys } = records;
  const record = (await redis.dumpBuffer(keys.task(id)))!;
  return { record, open: await redis.zscore(keys.open(id), id), parts: structuredClone(parts) };
}

const remember: Command = async (model) => {
  model.kept = await keep(model);
};

/** Redis goes back in time. Whoever held a part lives on. */
const goBack: Command = async (model) => {
  const { redis, keys } = records;
  const { id } = model.order;
  const { record, open, parts } = model.kept;
  await redis.restore(keys.task(id), 0, record, 'REPLACE');
  await redis.zrem(open === null ? keys.open(id) : keys.done(id), id);
  await redis.zadd(open === null ? keys.done(id) : keys.open(id), created_at_ms, id);
  for (const [index, { state, fence }] of parts.entries()) Object.assign(model.parts[index]!, { state, fence });
};

const holder = fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 5 }) });
const forward = fc.constantFrom<TransitionName>('submit', 'accept', 'advance', 'collect', 'succeed');
const anyName = fc.oneof({ weight: 3, arbitrary: forward }, { weight: 1, arbitrary: fc.constantFrom(...names) });
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(partIndex).map(([index]) => claim(index)) },
  {
    weight: 20,
    arbitrary: fc
      .tuple(partIndex, anyName, holder, fc.integer({ min: 0, max: 100 }))
      .map(([index, name, by, progress]) => change(index, name, by, progress)),
  },
  { weight: 1, arbitrary: fc.tuple(partIndex, holder).map(([index, by]) => release(index, by)) },
  { weight: 3, arbitrary: fc.constantFrom(cancel, remember, goBack) },
);

/** The statuses that parts in these states allow a task, given what it was before. */
function statusAfter(parts: ModelPart[], before: TaskStatus): TaskStatus {
  const states = parts.map(({ state }) => state);
  if (!states.every(isFinalState)) {
    const started = states.some((state) => state === 'running' || state === 'storing' || state === 'succeeded');
    return started ? 'in_progress' : before;
  }
  if (states.includes('canceled')) return 'canceled';
  return states.includes('succeeded') ? 'succeeded' : 'failed';
}

async function check(model: Model, before: TaskRecord): Promise<TaskRecord> {
  const now = (await readTask(records, model.order.id))!;
  expect(now.parts.map(({ state, fence }) => ({ state, fence }))).toEqual(
    model.parts.map(({ state, fence }) => ({ state, fence })),
  );
  expect(now.status).toBe(statusAfter(model.parts, before.status));
  expect(now.progress).toBeGreaterThanOrEqual(before.progress);
  expect(now.progress === 100).toBe(now.status === 'succeeded');
  expect(now.finished_at_ms !== undefined).toBe(isFinalStatus(now.status));
  if (isFinalStatus(before.status)) expect({ ...now, parts: [] }).toEqual({ ...before, parts: [] });
  const { redis, keys } = records;
  const [open, done] = [await redis.zscore(keys.open(now.id), now.id), await redis.zscore(keys.done(now.id), now.id)];
  expect([open !== null, done !== null]).toEqual(isFinalStatus(now.status) ? [false, true] : [true, false]);
  return now;
}

test('whatever workers and clients do, only what the table allows happens', { timeout: 120_000 }, async () => {
  const reached = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(command, { minLength: 10, maxLength: 60, size: 'max' }),
      async (count, commands) => {
        const order = await ordered(records, { part_sizes: Array.from({ length: count }, () => 1) });
        const parts = order.part_sizes.map((): ModelPart => ({ state: 'queued', fence: 0, claims: [] }));
        const model: Model = { order, parts, kept: await keep({ order, parts }) };
        let task = (await readTask(records, order.id))!;
        for (const run of commands) {
          await run(model);
          task = await check(model, run === goBack ? (await readTask(records, order.id))! : task);
          reached.add(task.status);
          for (const { state } of task.parts) reached.add(state);
        }
      },
    ),
    { numRuns: 100 },
  );
  // The runs mean nothing unless they got everywhere.
  expect(reached.size).toBeGreaterThanOrEqual(9);
});
