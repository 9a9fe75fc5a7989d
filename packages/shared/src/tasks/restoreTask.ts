import { script } from '../redis/index.ts';
import { jsonOfPairs } from './pairs.ts';
import type { TaskRecord } from './record.ts';
import { endingKeys, type Records } from './records.ts';

const run = script(new URL('./lua/restoreTask.lua', import.meta.url), {
  keys: ['task', 'open', 'done', 'ends'],
  args: ['id', 'fields', 'finished_at'],
  returns: ['restored', 'final'],
});

/**
 * Puts a finished task's record back as its manifest has it: Redis went back in time and shows it unfinished.
 * @param kept  the manifest: the task, and its hash as it was written
 * @returns 'restored'; 'final' when the record has ended, whatever it says
 */
export async function restoreTask(records: Records, kept: { task: TaskRecord; hash: Record<string, string> }) {
  const { id, finished_at_ms = 0 } = kept.task;
  const { word } = await run(records.redis, endingKeys(records, id), {
    id,
    fields: jsonOfPairs(kept.hash),
    finished_at: finished_at_ms,
  });
  return word;
}
