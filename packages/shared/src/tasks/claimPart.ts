import { script } from '../redis/index.ts';
import type { TaskId } from './ids.ts';
import { parseRecord, type TaskRecord } from './record.ts';
import type { Records } from './records.ts';

const run = script(new URL('./lua/claimPart.lua', import.meta.url), {
  keys: ['task'],
  args: ['part', 'channel'],
  returns: ['claimed', 'final', 'missing', 'elsewhere'],
});

export type Claim = { word: 'claimed' | 'final' | 'elsewhere'; task: TaskRecord } | { word: 'missing' };

/**
 * Claims a part: from now on no earlier holder can write, not even one whose claim Redis has forgotten since it went back
 * in time. The new fence stands in the returned record: microseconds of Redis' clock, and higher than the one before.
 * @param channel  the channel in whose queue the claim's job stands; any when left out
 * @returns 'claimed'; 'final' when the part has ended already (nothing was changed); 'missing' (past retention);
 *   'elsewhere' when the part has moved to another channel (nothing was changed)
 * @throws RecordTooNew; InvariantBroken; when Redis does not answer
 */
export async function claimPart(records: Records, id: TaskId, part: number, channel = ''): Promise<Claim> {
  const { word, rest } = await run(records.redis, { task: records.keys.task(id) }, { part, channel });
  if (word === 'missing') return { word };
  const task = parseRecord(hashOf(rest[0] as string[]));
  return task ? { word, task } : { word: 'missing' };
}

function hashOf(flat: string[]): Record<string, string> {
  const hash: Record<string, string> = {};
  for (let i = 0; i < flat.length; i += 2) hash[flat[i]!] = flat[i + 1]!;
  return hash;
}
