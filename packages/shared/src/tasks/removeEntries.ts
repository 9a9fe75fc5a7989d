import { script } from '../redis/index.ts';
import type { ListPosition } from './listTasks.ts';
import type { Records } from './records.ts';

const run = script(new URL('./lua/removeEntry.lua', import.meta.url), {
  keys: ['index'],
  args: ['id', 'created_at'],
  returns: ['removed', 'changed'],
});

/**
 * A record follows its entry within seconds or never: a create that comes later writes nothing. The rest is for clocks
 * that disagree.
 */
const graceMs = 600_000;

/**
 * Removes the entries of tasks that never came to be: a process died, or Redis refused, between entry and record. One
 * that is young, or that a repeat of its request has just taken for its own, stays.
 * @param entries  what a list found neither a record nor a manifest for
 * @returns how many were removed
 * @throws when Redis does not answer or refuses writes
 */
export async function removeEntries(
  { redis, keys }: Records,
  keyId: string,
  entries: readonly ListPosition[],
  now_ms: number,
): Promise<number> {
  const old = entries.filter(({ created_at_ms }) => created_at_ms <= now_ms - graceMs);
  const index = keys.tasksOf(keyId);
  const answers = await Promise.all(
    old.map(({ id, created_at_ms }) => run(redis, { index }, { id, created_at: created_at_ms })),
  );
  return answers.filter(({ word }) => word === 'removed').length;
}
