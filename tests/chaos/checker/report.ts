import type { Told } from '../history/history.ts';
import { stepNames } from '../storm/steps.ts';
import { callsOf, type Finding, losses } from './finding.ts';
import { doublesAreMarked } from './money.ts';
import { nothingIsLost } from './tasks.ts';

/** What came of a storm, in numbers, and which fault struck what. */
export function report(history: Told, findings: readonly Finding[]): string {
  const creates = callsOf(history).filter(({ op }) => op === 'create');
  const tasks = history.record;
  const made = new Map<string, Set<string>>();
  for (const { idempotency_key, upstream_task_id } of history.submission) {
    if (!idempotency_key || !upstream_task_id) continue;
    made.set(idempotency_key, (made.get(idempotency_key) ?? new Set()).add(upstream_task_id));
  }
  const doubled = [...made.values()].filter((ids) => ids.size > 1).length;
  const unmarked = doublesAreMarked(history).length;
  const claims = Map.groupBy(history.seen, ({ task_id }) => task_id);
  const takenOver = tasks.filter(({ task_id }) => isTakenOver(claims.get(task_id) ?? [])).length;
  const { covers } = losses(history);
  const [storm] = history.storm;
  const numbers = {
    'creates attempted': creates.length,
    acknowledged: creates.filter(({ phase }) => phase === 'ok').length,
    'outcome unknown': creates.filter(({ phase }) => phase === 'info').length,
    'tasks ended well': tasks.filter(({ status }) => status === 'succeeded').length,
    'failed or canceled': tasks.filter(({ status }) => status === 'failed' || status === 'canceled').length,
    'excused, since Redis lost its last seconds': creates.filter(({ phase, at }) => phase === 'ok' && covers(at))
      .length,
    lost: nothingIsLost(history).length,
    unexpected: findings.length,
    'duplicated unmarked': unmarked,
    'duplicated, and marked': doubled - unmarked,
    'recovered by another worker': takenOver,
  };
  const width = Math.max(...Object.keys(numbers).map((name) => name.length));
  return [
    `seed ${storm?.seed}, ${storm?.orders} orders${storm?.mutant ? `, mutant ${storm.mutant}` : ''}`,
    ...Object.entries(numbers).map(([name, count]) => `  ${name.padEnd(width)}  ${count}`),
    '',
    table(history),
    '',
    ...(findings.length === 0
      ? ['nothing is broken']
      : findings.slice(0, 50).map(({ check, what }) => `${check}: ${what}`)),
    ...(findings.length > 50 ? [`and ${findings.length - 50} more`] : []),
  ].join('\n');
}

/** Whether a part of a task was seen at work under more than one claim. */
function isTakenOver(seen: Told['seen']): boolean {
  const atWork = seen.filter(({ state, fence }) => fence > 0 && state !== 'canceled');
  const parts = Map.groupBy(atWork, ({ part }) => part);
  return [...parts.values()].some((each) => new Set(each.map(({ fence }) => fence)).size > 1);
}

/** Which fault struck how often, and how many things in each step. */
function table(history: Told): string {
  const begun = history.fault.filter(({ phase }) => phase === 'begin');
  const names = [...new Set(begun.map(({ name }) => name))].sort();
  const width = Math.max(5, ...names.map((name) => name.length));
  const row = (cells: readonly (string | number)[]) => cells.map((cell) => String(cell).padStart(11)).join('');
  return [
    `${'fault'.padEnd(width)}${row(['strikes', ...stepNames])}`,
    ...names.map((name) => {
      const own = begun.filter((fault) => fault.name === name);
      const counts = stepNames.map((step) => own.reduce((sum, { steps }) => sum + (steps?.[step] ?? 0), 0));
      return `${name.padEnd(width)}${row([own.length, ...counts])}`;
    }),
  ].join('\n');
}
