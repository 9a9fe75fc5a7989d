import type { Told } from '../history/history.ts';
import { type Check, forgotten } from './finding.ts';

/** `<task id>-<part>-<attempt>`, as the gateway sends it. */
const submissionKey = /^(task_\w+)-(\d+)-(\d+)$/;

/** What the upstream made of each attempt. */
function madeByAttempt(history: Told) {
  const made = new Map<string, { task_id: string; part: number; attempt: number; ids: Set<string>; at_ms: number[] }>();
  for (const { idempotency_key, upstream_task_id, at_ms } of history.submission) {
    const [, task_id, part, attempt] = submissionKey.exec(idempotency_key ?? '') ?? [];
    if (!task_id || upstream_task_id === null) continue;
    const entry = made.get(idempotency_key!) ?? {
      ...{ task_id, part: Number(part), attempt: Number(attempt), ids: new Set(), at_ms: [] },
    };
    entry.ids.add(upstream_task_id);
    entry.at_ms.push(at_ms);
    made.set(idempotency_key!, entry);
  }
  return made;
}

/**
 * What the upstream took more than once of one attempt is marked on its task, also where it found by the key that it had
 * it already: another upstream would have made it again.
 */
export const doublesAreMarked: Check = (history) => {
  const byId = new Map(history.record.map((record) => [record.task_id, record]));
  const excused = forgotten(history);
  return [...madeByAttempt(history).values()].flatMap(({ task_id, part, attempt, at_ms }) => {
    if (at_ms.length < 2 || byId.get(task_id)?.possibly_duplicated || excused(task_id)) return [];
    return [`${task_id} part ${part} attempt ${attempt} was taken ${at_ms.length} times, and does not say so`];
  });
};

/** The upstream made no more than a task tells of: each attempt once, and once more for each unknown outcome. */
export const submissionsAreTold: Check = (history) => {
  const byId = new Map(history.record.map((record) => [record.task_id, record]));
  const excused = forgotten(history);
  const perTask = Map.groupBy(madeByAttempt(history).values(), ({ task_id }) => task_id);
  return [...perTask].flatMap(([task_id, attempts]) => {
    const record = byId.get(task_id);
    if (!record || excused(task_id)) return [];
    const made = attempts.reduce((sum, { ids }) => sum + ids.size, 0);
    const told = record.parts.reduce((sum, { attempt }) => sum + attempt, 0);
    if (made <= told || record.possibly_duplicated) return [];
    return [`${task_id} was made ${made} times and tells of ${told} attempts`];
  });
};

/** Every upstream task that charges is a task's own, or listed: as an orphan, or as a possible duplicate. */
export const moneyIsAccountedFor: Check = (history) => {
  const owned = new Set(history.record.flatMap(({ parts }) => parts.map(({ upstream_task_id }) => upstream_task_id)));
  const orphans = new Set(history.listed.filter(({ what }) => what === 'orphan').map((one) => one.upstream_task_id));
  const duplicated = new Set(history.listed.filter(({ what }) => what === 'duplicate').map(({ task_id }) => task_id));
  const byId = new Map(history.record.map((record) => [record.task_id, record]));
  const excused = forgotten(history);
  return history.upstream_task.flatMap(({ id, idempotency_key, phase }) => {
    if (phase !== 'succeeded' || owned.has(id) || orphans.has(id)) return [];
    const [, task_id = '', , attempt] = submissionKey.exec(idempotency_key ?? '') ?? [];
    const record = byId.get(task_id);
    if (duplicated.has(task_id) || excused(task_id)) return [];
    // A price that is null says that nobody knows what the upstream charges.
    if (record && record.status !== 'succeeded' && record.actual === null) return [];
    // An attempt that was given up for another one is told of by the task's count of attempts.
    if (record && Number(attempt) < Math.max(...record.parts.map((part) => part.attempt))) return [];
    return [`${id} of ${task_id} was charged, and nobody tells of it`];
  });
};

/** A task costs what its pictures cost. */
export const pricesAreRight: Check = (history) =>
  history.record.flatMap(({ task_id, status, actual, unit_price, parts }) => {
    if (actual === null) return [];
    const pictures = parts.reduce((sum, { images }) => sum + images.length, 0);
    const right = (Math.round(Number(unit_price) * 1e8) * pictures) / 1e8;
    if (Math.abs(Number(actual) - right) < 1e-9) return [];
    return [`${task_id} (${status}) cost ${actual}, with ${pictures} pictures at ${unit_price}`];
  });
