import type { Told } from '../history/history.ts';

/** A promise that a history breaks. */
export type Finding = { check: string; what: string };

/** Judges a history by one promise. It knows nothing but the history. */
export type Check = (history: Told) => string[];

/** Whether Redis had lost what it acknowledged at this time: what was done then may be gone, see `docs/operations.md`. */
export function losses(history: Told) {
  const covers = (at: number) => history.loss.some(({ from, to }) => from <= at && at <= to);
  /** whether a loss lies between two times, so that the later one may know less than the earlier one */
  const between = (earlier: number, later: number) =>
    history.loss.some(({ from, to }) => earlier <= to && later >= from && covers(Math.max(earlier, from)));
  return { covers, between, any: history.loss.length > 0 };
}

/** The calls of a history: what was sent, with when and how it was answered. */
export function callsOf(history: Told) {
  const sent = new Map<number, number>();
  const calls = [];
  for (const line of history.call) {
    if (line.phase === 'invoke') sent.set(line.call, line.at);
    else calls.push({ ...line, sent_at: sent.get(line.call) ?? line.at });
  }
  return calls;
}

/** Whether a task may have been worked on again since Redis forgot that it had been. */
export function forgotten(history: Told): (task_id: string) => boolean {
  if (!losses(history).any) return () => false;
  // What changed while Redis was to lose it: seen in some state, or answered, within the loss.
  const { covers } = losses(history);
  const ids = new Set([
    ...history.seen.filter(({ at }) => covers(at)).map(({ task_id }) => task_id),
    ...history.call.filter(({ at }) => covers(at)).flatMap(({ task_id }) => task_id ?? []),
    ...history.told.filter(({ at }) => covers(at)).flatMap(({ task_id }) => task_id ?? []),
  ]);
  return (task_id) => ids.has(task_id);
}
