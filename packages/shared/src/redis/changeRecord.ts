import type { RedisClient } from './connect.ts';
import { script } from './script.ts';

const run = script(new URL('./lua/changeRecord.lua', import.meta.url), {
  keys: ['record'],
  args: ['fields', 'dropped', 'counted'],
  returns: ['changed', 'missing'],
});

export type RecordChange = {
  /** JSON array of field, value, …, as `jsonOfPairs` makes it */
  fields?: string;
  /** fields to remove */
  dropped?: readonly string[];
  /** a field that grows by one */
  counted?: string;
};

/**
 * Changes the hash of a record that is read before. Its owner may have removed it meanwhile, or Redis may have lost the
 * seconds in which it was written: then nothing is written, and it stays gone.
 * @throws when Redis does not answer
 */
export async function changeRecord(
  redis: RedisClient,
  record: string,
  { fields = '[]', dropped = [], counted = '' }: RecordChange,
): Promise<'changed' | 'missing'> {
  const { word } = await run(redis, { record }, { fields, dropped: JSON.stringify(dropped), counted });
  return word;
}
