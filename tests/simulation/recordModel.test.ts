import type { KeyNames } from '@darkroom/shared/redis';
import {
  cancelTask,
  createTask,
  type HeldPart,
  type NewTask,
  newTaskId,
  type PartChange,
  type PartState,
  partStates,
  partStore,
  type Records,
  readTask,
  type TransitionName,
  transitions,
} from '@darkroom/shared/tasks';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redisOfFile } from '../world/redisOfFile.ts';
import { hearEnds } from './hearEnds.ts';
import { RecordModel } from './recordModel.ts';

const records = redisOfFile();
const now_ms = Date.UTC(2026, 0, 1);
const never_late_ms = Date.UTC(2100, 0, 1);

/** One command on both sides. `by` counts claims of the part backwards: 0 holds it now, higher numbers held it once. */
type Command =
  | { do: 'create'; late: boolean; other: boolean }
  | { do: 'claim'; part: number; channel: string | undefined }
  | { do: 'change'; part: number; by: number; name: TransitionName; change: PartChange }
  | { do: 'release'; part: number; by: number }
  | { do: 'cancel'; other: boolean; later_ms: number }
  | { do: 'look'; part: number }
  | { do: 'keep' };

const part = fc.nat(2);
const by = fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(4) });
const word = fc.constantFrom('', 'a pear', 'ein Käfer, größer', '{"quoted":"\\n"}');
const some = { requiredKeys: [] };
const partFields = fc.record(
  {
    attempt: fc.nat(3),
    next_attempt: fc.nat(4),
    progress: fc.nat(100),
    upstream_task_id: word,
    trouble: word,
    unknowns: fc.nat(3),
    starts: fc.constant(0),
    channel: fc.constantFrom('a', 'b'),
    images: fc.constant([]),
    error: word.map((message) => ({ code: 'upstream_failed', message, retryable: true, upstream: null })),
  },
  some,
);
const taskFields = fc.record(
  {
    possibly_duplicated: fc.boolean(),
    submitted_at_ms: fc.nat(),
    channel: fc.constantFrom('a', 'b'),
    unit_price: fc.constant('0.0400'),
  },
  some,
);
const possiblyPaidTwice = {
  task_id: '',
  channel: 'a',
  part: 0,
  submission: 2,
  reason: 'outcome_unknown' as const,
  cost: '0.0390',
  currency: 'USD',
};
const change: fc.Arbitrary<PartChange> = fc.record(
  {
    now_ms: fc.nat(100_000).map((later) => now_ms + later),
    part: partFields,
    task: taskFields,
    note: fc.oneof(
      word,
      fc.nat(700).map((length) => 'ü'.repeat(length)),
    ),
    duplicate: fc.nat(2).map((attempt) => ({ ...possiblyPaidTwice, attempt })),
    only: fc.subarray<PartState>([...partStates]),
  },
  { requiredKeys: ['now_ms'] },
);
const forward = fc.constantFrom<TransitionName>('submit', 'accept', 'advance', 'collect', 'succeed');
const name = fc.oneof(forward, fc.constantFrom(...(Object.keys(transitions) as TransitionName[])));
const channel = fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, fc.constantFrom('a', 'b'));
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: fc.constant('create' as const), late: fc.boolean(), other: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('claim' as const), part, channel }) },
  { weight: 20, arbitrary: fc.record({ do: fc.constant('change' as const), part, by, name, change }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), part, by }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('cancel' as const), other: fc.boolean(), later_ms: fc.nat(1000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('look' as const), part }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('keep' as const) }) },
);

function orderOf(part_sizes: number[], labels: Record<string, string>): NewTask {
  const n = part_sizes.reduce((sum, size) => sum + size, 0);
  const request = { model: 'NanoBanana', prompt: 'a pear', task_type: 'text2image' as const, inputs: [], n };
  return {
    id: newTaskId(),
    key_id: 'k_0123456789abcdef',
    channel: 'a',
    fingerprint: 'f'.repeat(64),
    request: { ...request, aspect_ratio: null, output_format: null },
    labels,
    priority: 'interactive',
    unit_price: '0.0390',
    currency: 'USD',
    part_sizes,
    created_at_ms: now_ms,
    deadline_at_ms: now_ms + 3_600_000,
  };
}

/** A task's worth of commands, run against Redis and the model. */
class Both {
  readonly model = new RecordModel();
  #order: NewTask;
  #records: Records;
  #fences = new Map<number, number[]>();

  constructor(at: Records, order: NewTask) {
    this.#records = at;
    this.#order = order;
  }

  /** @returns what Redis answered, and what the model did */
  async run(command: Command): Promise<[unknown, unknown]> {
    const { id, key_id } = this.#order;
    const real = partStore(this.#records);
    switch (command.do) {
      case 'create': {
        const order = command.other ? { ...this.#order, fingerprint: '0'.repeat(64) } : this.#order;
        const late_after = command.late ? now_ms : never_late_ms;
        const answer = await createTask(this.#records, order, late_after);
        return [answer, this.model.create(order, late_after, Date.now())];
      }
      case 'claim': {
        const claim = await real.claim(id, command.part, command.channel);
        if (claim.word === 'claimed') this.#heldOnce(command.part).unshift(claim.task.parts[command.part]!.fence);
        return [claim, this.model.claim(id, command.part, await this.#redisTime(), command.channel)];
      }
      case 'change': {
        const held = this.#held(command);
        const { duplicate, ...rest } = command.change;
        const change = duplicate ? { ...rest, duplicate: { ...duplicate, task_id: id } } : rest;
        const answer = await real.change(held, command.name, change);
        return [answer, this.model.change(held, command.name, change)];
      }
      case 'release':
        return [await real.release(this.#held(command)), this.model.release(this.#held(command))];
      case 'cancel': {
        const key = command.other ? 'k_of_somebody_else' : key_id;
        const at_ms = now_ms + command.later_ms;
        const word = await cancelTask(this.#records, id, key, at_ms);
        return [word, this.model.cancel(id, key, at_ms, await this.#redisTime())];
      }
      case 'look':
        return [await real.fenceOf(id, command.part), this.model.fenceOf(id, command.part)];
      case 'keep':
        return [await real.keep(id), this.model.keep(id)];
    }
  }

  /** Everything that Redis and the model hold of the task. */
  async states(): Promise<[unknown, unknown]> {
    const { id } = this.#order;
    const { redis, keys } = this.#records;
    const lists: [keyof KeyNames & ('open' | 'done' | 'kept'), ReadonlyMap<string, number>][] = [
      ['open', this.model.open],
      ['done', this.model.done],
      ['kept', this.model.kept],
    ];
    const real: Record<string, unknown> = { hash: await redis.hgetall(keys.task(id)) };
    const model: Record<string, unknown> = { hash: this.model.hashOf(id) };
    for (const [list, entries] of lists) {
      const score = await redis.zscore(keys[list](id), id);
      real[list] = score === null ? undefined : Number(score);
      model[list] = entries.get(id);
    }
    const flat = await redis.zrange(keys.duplicates(id), 0, '-1', 'WITHSCORES');
    const listed = Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, Number(flat[2 * i + 1])]);
    real.duplicates = Object.fromEntries(listed.filter(([duplicate]) => String(duplicate).includes(id)));
    model.duplicates = Object.fromEntries(this.model.duplicates);
    return [real, model];
  }

  /** What Redis' clock showed as a fence last rose: the highest fence tells. */
  async #redisTime(): Promise<number> {
    const task = await readTask(this.#records, this.#order.id);
    return Math.max(0, ...(task?.parts ?? []).map(({ fence }) => fence));
  }

  #heldOnce(index: number): number[] {
    const fences = this.#fences.get(index) ?? [];
    this.#fences.set(index, fences);
    return fences;
  }

  #held({ part: index, by: back }: { part: number; by: number }): HeldPart {
    return { id: this.#order.id, part: index, fence: this.#heldOnce(index)[back] ?? 0 };
  }
}

test('the model of the record scripts answers and writes what the Lua does', { timeout: 120_000 }, async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 });
  const labels = fc.constantFrom<Record<string, string>>({}, { for: 'a shop' });
  const commands = fc.array(command, { minLength: 10, maxLength: 60, size: 'max' });
  await fc.assert(
    fc.asyncProperty(sizes, labels, commands, async (part_sizes, labelled, list) => {
      const order = orderOf(part_sizes, labelled);
      const both = new Both(records, order);
      const ends = await hearEnds(records, order.id);
      try {
        for (const one of [{ do: 'create', late: false, other: false } as const, ...list]) {
          const [real, model] = await both.run(one);
          expect(model, one.do).toEqual(real);
          const [realState, modelState] = await both.states();
          expect(modelState, `after ${one.do}`).toEqual(realState);
        }
        await ends.all();
        expect(both.model.ends).toEqual(ends.heard);
      } finally {
        ends.close();
      }
    }),
    { numRuns: 120 },
  );
});
