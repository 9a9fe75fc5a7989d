import { addLostBatches } from './addLostBatches.ts';
import { archiveRecords } from './archiveRecords.ts';
import type { Duty, Repair, Repairs, UpkeepDeps } from './deps.ts';
import { repairs } from './deps.ts';
import { finishRemovals } from './finishRemovals.ts';
import { forgetListed } from './forgetListed.ts';
import { mendOpenTasks } from './mendOpenTasks.ts';
import { pullStragglers } from './pullStragglers.ts';
import { removeDeadJobs } from './removeDeadJobs.ts';
import { removeExpired } from './removeExpired.ts';
import { removeOldFiles } from './removeOldFiles.ts';
import { removeUnowned } from './removeUnowned.ts';
import { tendBatches } from './tendBatches.ts';
import { writeManifests } from './writeManifests.ts';

/** What a sweep does, in this order: tasks that still run first, a manifest before its record may go. */
const duties: Record<string, Duty> = {
  mendOpenTasks,
  addLostBatches,
  removeDeadJobs,
  pullStragglers,
  writeManifests,
  removeExpired,
  tendBatches,
  removeOldFiles,
  archiveRecords,
  finishRemovals,
  removeUnowned,
  forgetListed,
};

/**
 * Looks for everything that a crash, an outage or time has left undone, and does it. A duty that fails is logged and
 * keeps no other from being done; the next sweep tries it again.
 * @returns what was mended; all of it is reported here and nowhere else
 */
export async function sweep(deps: UpkeepDeps): Promise<Repairs> {
  const total: Repairs = {};
  for (const [duty, run] of Object.entries(duties)) {
    if (deps.isClosing()) break;
    try {
      add(total, await run(deps));
    } catch (error) {
      deps.logger.error({ duty, err: (error as Error).message }, 'sweep: a duty failed; the next sweep tries it again');
    }
  }
  report(deps, total);
  return total;
}

function add(total: Repairs, more: Repairs): void {
  for (const [name, count] of entriesOf(more)) total[name] = (total[name] ?? 0) + count;
}

function report({ metrics, logger }: UpkeepDeps, total: Repairs): void {
  for (const [repair, count] of entriesOf(total)) {
    metrics.add('darkroom_repairs_total', { duty: repair }, count);
    logger.info({ repair, count }, `sweep: ${repairs[repair]}`);
  }
}

/** What was really mended. */
const entriesOf = (some: Repairs) => (Object.entries(some) as [Repair, number][]).filter(([, count]) => count > 0);
