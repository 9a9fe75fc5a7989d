import { keyNames } from '@darkroom/shared/redis';
import { isFinalState, parseRecord } from '@darkroom/shared/tasks';
import type { House } from '../house/house.ts';

/** Where things are that a fault can strike. */
export const stepNames = ['queued', 'submitting', 'running', 'storing', 'delivering', 'batch'] as const;
export type Step = (typeof stepNames)[number];
export type Steps = Record<Step, number>;

/** Looks into Redis, as nobody of the product does: what is where, and what changed since the last look. */
export function watchSteps(house: House) {
  const keys = keyNames(house.prefix);
  const known = new Map<string, string>();

  async function openIds(): Promise<string[]> {
    const reading = house.redis.main.admin.pipeline();
    for (const { open } of keys.shards()) reading.zrange(open, '0', '-1');
    return ((await reading.exec()) ?? []).flatMap(([, ids]) => (Array.isArray(ids) ? (ids as string[]) : []));
  }

  /** @returns what is in which step now; what of it is new is written down */
  async function look(): Promise<Steps> {
    const steps = Object.fromEntries(stepNames.map((step) => [step, 0])) as Steps;
    const ids = await openIds();
    const reading = house.redis.main.admin.pipeline();
    // What has ended since the last look is looked at once more.
    const gone = [...known.keys()].map((key) => key.split(' ')[0]!).filter((id) => !ids.includes(id));
    const all = [...new Set([...ids, ...gone])];
    for (const id of all) reading.hgetall(keys.task(id));
    reading.llen(`${keys.deliveryPrefix()}:deliveries:active`);
    reading.llen(`${keys.batchPrefix()}:batches:active`);
    const answers = (await reading.exec()) ?? [];
    for (const [, hash] of answers.slice(0, all.length)) {
      const task = hash ? parseRecord(hash as Record<string, string>) : undefined;
      if (!task) continue;
      for (const [part, { state, fence }] of task.parts.entries()) {
        if (state in steps) steps[state as Step]++;
        const key = `${task.id} ${part}`;
        const value = `${state} ${fence}`;
        if (known.get(key) !== value) house.history.add({ t: 'seen', task_id: task.id, part, state, fence });
        if (isFinalState(state)) known.delete(key);
        else known.set(key, value);
      }
    }
    steps.delivering = Number(answers.at(-2)?.[1] ?? 0);
    steps.batch = Number(answers.at(-1)?.[1] ?? 0);
    return steps;
  }

  return { look, openIds };
}

export type StepWatch = ReturnType<typeof watchSteps>;
