import { forgetDuplicates, forgetOrphans } from '@darkroom/shared/tasks';
import type { Duty } from './deps.ts';

/** Longer than a month's bill takes to be looked at. */
const keptMs = 30 * 24 * 3_600_000;

/** Forgets the orphan upstream tasks and the possible duplicates that were listed long ago. */
export const forgetListed: Duty = async ({ records, catalogue, now }) => {
  const before_ms = now() - keptMs;
  let orphans_forgotten = 0;
  for (const { id } of catalogue.channels) orphans_forgotten += await forgetOrphans(records, id, before_ms);
  return { orphans_forgotten, duplicates_forgotten: await forgetDuplicates(records, before_ms) };
};
