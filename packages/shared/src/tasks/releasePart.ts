import { script } from '../redis/index.ts';
import type { HeldPart } from './changePart.ts';
import type { Records } from './records.ts';

const run = script(new URL('./lua/releasePart.lua', import.meta.url), {
  keys: ['task'],
  args: ['part', 'fence'],
  returns: ['released', 'missing', 'stale_fence'],
});

/**
 * Notes that a part was handed back by a living worker, so that its starts do not count as poison.
 * @returns 'released', or why not; either way the caller holds the part no more
 */
export async function releasePart(records: Records, { id, part, fence }: HeldPart) {
  const { word } = await run(records.redis, { task: records.keys.task(id) }, { part, fence });
  return word;
}
