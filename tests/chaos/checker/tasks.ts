import { finalStates, partStates, transitions } from '@darkroom/shared/tasks';
import { type Check, callsOf, losses } from './finding.ts';

const ended = ['succeeded', 'failed', 'canceled'];

/** Every acknowledged task is there in the end, and has ended. What Redis lost with what it had acknowledged is excused. */
export const nothingIsLost: Check = (history) => {
  const byId = new Map(history.record.map((record) => [record.task_id, record]));
  const byOrder = new Map(history.record.map((record) => [record.order, record]));
  const { covers } = losses(history);
  return callsOf(history).flatMap((call) => {
    if (call.http === 404 && call.task_id !== undefined && !covers(call.at) && !losses(history).any) {
      return [`${call.task_id} was acknowledged, and ${call.op} did not find it`];
    }
    if (call.op !== 'create' || call.phase !== 'ok' || covers(call.at)) return [];
    const record = call.task_id === undefined ? byOrder.get(call.order) : byId.get(call.task_id);
    if (!record) return [`order ${call.order} was acknowledged as ${call.task_id ?? 'done'}, and has no task`];
    return ended.includes(record.status) ? [] : [`${record.task_id} is still ${record.status}`];
  });
};

/** What is open when all has come to rest was forgotten, whoever was told of it. */
export const everythingEnds: Check = (history) => [
  ...history.record
    .filter(({ status }) => !ended.includes(status))
    .map(({ task_id, status, parts }) => `${task_id} is still ${status}: ${parts.map(({ state }) => state).join()}`),
  ...history.end.filter(({ stuck }) => stuck).map(({ why }) => `the storm got stuck: ${why}`),
];

/** At most one task for each order that one key, or one SDK on its own, sent more than once. */
export const oneTaskPerOrder: Check = (history) => {
  const { covers } = losses(history);
  const tasks = new Map<number, string[]>();
  for (const { order, task_id } of history.record) {
    if (order !== undefined) tasks.set(order, [...(tasks.get(order) ?? []), task_id]);
  }
  const excused = new Set(
    callsOf(history)
      .filter(({ at, sent_at }) => covers(at) || covers(sent_at))
      .map(({ order }) => order),
  );
  const unkeyed = new Set(
    history.call
      .filter(({ op, process, idempotency_key }) => op === 'create' && process.startsWith('native') && !idempotency_key)
      .map(({ order }) => order),
  );
  const answered = new Map<number | undefined, Set<string>>();
  for (const { op, order, task_id, idempotency_key } of callsOf(history)) {
    if (op !== 'create' || !task_id || !idempotency_key) continue;
    answered.set(order, (answered.get(order) ?? new Set()).add(task_id));
  }
  return [
    ...[...tasks]
      .filter(([order, ids]) => ids.length > 1 && !excused.has(order) && !unkeyed.has(order))
      .map(([order, ids]) => `order ${order} became ${ids.join(' and ')}`),
    ...[...answered]
      .filter(([, ids]) => ids.size > 1)
      .map(([order, ids]) => `the key of order ${order} was answered with ${[...ids].join(' and ')}`),
  ];
};

/** No reader sees a task go back: its end, its pictures and its price never change, its progress never falls. */
export const nobodySeesItGoBack: Check = (history) => {
  const rank = { queued: 0, in_progress: 1, succeeded: 2, failed: 2, canceled: 2 } as Record<string, number>;
  const { between } = losses(history);
  const findings: string[] = [];
  const byTask = Map.groupBy(
    callsOf(history).filter(({ seen, task_id }) => seen && task_id),
    ({ task_id }) => task_id,
  );
  for (const [id, calls] of byTask) {
    // A read that was sent after another one was answered must not know less than that one.
    for (const later of calls) {
      for (const earlier of calls) {
        if (earlier.at > later.sent_at || between(earlier.at, later.at)) continue;
        const [a, b] = [earlier.seen!, later.seen!];
        const isFinal = rank[a.status] === 2;
        if ((rank[b.status] ?? 0) < (rank[a.status] ?? 0)) findings.push(`${id} went from ${a.status} to ${b.status}`);
        else if (isFinal && b.status !== a.status) findings.push(`${id} ended ${a.status} and then ${b.status}`);
        else if (isFinal && a.images.join() !== b.images.join()) findings.push(`${id} changed its pictures`);
        else if (isFinal && a.actual !== null && a.actual !== b.actual) findings.push(`${id} changed its price`);
        else if (b.progress < a.progress && b.status === a.status) {
          findings.push(`${id} went from ${a.progress}% to ${b.progress}%`);
        }
      }
    }
  }
  return findings;
};

type State = (typeof partStates)[number];

/** Every state that can be reached from a state, in however many steps. */
const reachable = new Map<State, Set<State>>(
  partStates.map((start) => {
    const found = new Set<State>([start]);
    for (let before = -1; before !== found.size; ) {
      before = found.size;
      for (const { from, to } of Object.values(transitions)) {
        if ((from as readonly State[]).some((state) => found.has(state))) found.add(to);
      }
    }
    return [start, found];
  }),
);

/** What was seen of a part in Redis is a path of the table of transitions, and its fence only rises. */
export const partsTakeLegalPaths: Check = (history) => {
  const { between } = losses(history);
  const findings: string[] = [];
  const byPart = Map.groupBy(history.seen, ({ task_id, part }) => `${task_id}/${part}`);
  for (const [id, seen] of byPart) {
    for (const [i, now] of seen.entries()) {
      const before = seen[i - 1];
      if (!before || between(before.at, now.at)) continue;
      if (!reachable.get(before.state as State)?.has(now.state as State)) {
        findings.push(`${id} went from ${before.state} to ${now.state}`);
      }
      if (now.fence < before.fence) findings.push(`${id} has fence ${now.fence} after ${before.fence}`);
      // A new attempt is begun by whoever holds it; another holder has another fence.
      const wasFinal = (finalStates as readonly string[]).includes(before.state);
      if (wasFinal && now.state !== before.state) findings.push(`${id} had ended ${before.state} and is ${now.state}`);
    }
  }
  return findings;
};
