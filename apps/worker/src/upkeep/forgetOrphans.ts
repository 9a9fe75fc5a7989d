import { forgetOrphans as forget } from '@darkroom/shared/tasks';
import type { Duty } from './deps.ts';

/** Longer than a month's bill takes to be looked at. */
const orphansKeptMs = 30 * 24 * 3_600_000;

/** Forgets the orphan upstream tasks that were listed long ago. */
export const forgetOrphans: Duty = async ({ records, catalogue, now }) => {
  let orphans_forgotten = 0;
  for (const { id } of catalogue.channels) orphans_forgotten += await forget(records, id, now() - orphansKeptMs);
  return { orphans_forgotten };
};
