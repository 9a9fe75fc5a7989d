import type { Restored } from '@darkroom/shared/redis';
import type { Reconciled } from './reconcile.ts';

/** Ids that one line names; how many more there are is said. */
const namedMax = 5;

/** What a reconciliation found, as lines for a person. @param newer  of `unowned`, those that the backup did not list */
export function reportOf({ taken_at_ms }: Restored, found: Reconciled, newer: readonly string[] | undefined): string[] {
  const { doubtful, ended, unowned } = found;
  const unownedLine =
    newer === undefined
      ? `${unowned.length} folders in storage have no owner; sweeps remove them after an hour`
      : `${unowned.length} folders in storage have no owner, ${newer.length} of them newer than the backup: tasks that ` +
        'are lost; sweeps remove them after an hour';
  return [
    `Redis is as it was at ${new Date(taken_at_ms).toISOString()}.`,
    `  ${found.finished} finished tasks were in it, and ${found.open + ended.length} unfinished ones:`,
    `    ${named(ended, 'had ended since: their manifests are in storage, and their records were put right')}`,
    `    ${found.open} go on`,
    `    ${named(ids(doubtful), `of those are posted again, and marked: each may be paid for twice${priceOf(doubtful)}`)}`,
    `  ${named(found.found, 'finished tasks were known to storage alone; they are listed again')}`,
    `  ${named(found.removed, 'finished tasks have nothing in storage: they were removed after the backup')}`,
    `  ${named(newer ?? unowned, unownedLine.replace(/^\d+ /, ''), unowned.length)}`,
    ...(found.unreadable.length > 0 ? [`  ${named(found.unreadable, 'tasks cannot be read by this release')}`] : []),
    'A task that was accepted after the backup, had not ended and is not listed here is lost: whoever sends its request',
    'again under the same Idempotency-Key gets the same id, and the upstream the same submission key.',
  ];
}

const ids = (doubtful: Reconciled['doubtful']) => doubtful.map(({ id }) => id);

function named(some: readonly string[], what: string, count = some.length): string {
  const more = some.length > namedMax ? ` and ${some.length - namedMax} more` : '';
  return `${count} ${what}${some.length > 0 ? ` (${some.slice(0, namedMax).join(', ')}${more})` : ''}`;
}

/** The sum of what is ordered again, by currency. */
function priceOf(doubtful: Reconciled['doubtful']): string {
  const sums = new Map<string, number>();
  for (const { cost, currency } of doubtful) sums.set(currency, (sums.get(currency) ?? 0) + Number(cost));
  const told = [...sums].map(([currency, sum]) => `${sum.toFixed(4)} ${currency}`);
  return told.length > 0 ? `, ${told.join(', ')} in all` : '';
}
