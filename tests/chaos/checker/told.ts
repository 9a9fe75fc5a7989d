import { type Check, losses } from './finding.ts';

const eventOf: Record<string, string> = {
  succeeded: 'task.succeeded',
  failed: 'task.failed',
  canceled: 'task.canceled',
};

/** Each end is told to who wants to hear of it, under one id however often. */
export const everyEndIsTold: Check = (history) => {
  const { covers } = losses(history);
  const webhooks = history.told.filter(({ by }) => by === 'webhook');
  const ids = new Map<string, Set<string | undefined>>();
  for (const { reader, event, task_id, id } of webhooks) {
    if (!task_id) continue;
    const key = `${reader} ${event} ${task_id}`;
    ids.set(key, (ids.get(key) ?? new Set()).add(id));
  }
  const ofOrder = new Map<number | undefined, string>();
  for (const { op, order, process } of history.call) if (op === 'create') ofOrder.set(order, process);
  // A key's owner is told by which endpoint of its heard anything at all.
  const owners = new Map(history.record.map(({ task_id, key_id }) => [task_id, key_id]));
  const keyOf = (reader: string) =>
    owners.get(webhooks.find((one) => one.reader === reader && one.task_id)?.task_id ?? '');
  const [alice, bob] = [keyOf('good'), keyOf('bobs')];
  const changed = new Set(history.seen.filter(({ at }) => covers(at)).map(({ task_id }) => task_id));
  return [
    ...[...ids].filter(([, set]) => set.size > 1).map(([key, set]) => `${key} came under ${set.size} ids`),
    ...history.record.flatMap(({ task_id, key_id, status, order }) => {
      const reader = key_id === alice ? 'good' : key_id === bob ? 'bobs' : undefined;
      const event = eventOf[status];
      if (!reader || !event || changed.has(task_id)) return [];
      // The other entries have no place for bob's receiver.
      if (reader === 'bobs' && !ofOrder.get(order)?.startsWith('native')) return [];
      return ids.has(`${reader} ${event} ${task_id}`) ? [] : [`${task_id} ${status}: ${reader} was not told`];
    }),
  ];
};

/** A reader that goes on after the last event it had misses no end, and its ids only rise. */
export const streamsHaveNoGap: Check = (history) => {
  const findings: string[] = [];
  const { any } = losses(history);
  const owners = new Map(history.record.map(({ task_id, key_id }) => [task_id, key_id]));
  for (const [reader, events] of Map.groupBy(
    history.told.filter(({ by }) => by === 'sse'),
    (line) => line.reader,
  )) {
    const key = owners.get(events.find(({ task_id }) => task_id && owners.has(task_id))?.task_id ?? '');
    const ends = new Set(events.map(({ event, task_id }) => `${event} ${task_id}`));
    for (const { task_id, key_id, status } of history.record) {
      // What a Redis that lost its last seconds had told, it has forgotten.
      if (key_id !== key || any || ends.has(`${eventOf[status]} ${task_id}`)) continue;
      findings.push(`${reader} missed that ${task_id} ${status}`);
    }
    const numbered = events.filter(({ id }) => id !== undefined);
    for (const [i, { id, event }] of numbered.entries()) {
      const before = numbered[i - 1]?.id;
      if (!any && before !== undefined && !isAfter(id!, before))
        findings.push(`${reader}: ${event} ${id} after ${before}`);
    }
  }
  return findings;
};

/** Whether an id of a Redis stream, `<ms>-<number>`, comes after another. */
function isAfter(id: string, before: string): boolean {
  const [a, b] = [id, before].map((one) => one.split('-').map(Number) as [number, number]) as [
    [number, number],
    [number, number],
  ];
  return a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);
}

/** Each line of a batch is answered once. */
export const batchesAreWhole: Check = (history) =>
  history.end.flatMap(({ batches }) =>
    batches.flatMap(({ id, status, total, completed, failed, answered, wanted }) => {
      const right = [...wanted].sort().join() === [...answered].sort().join() || wanted.length === 0;
      if (status !== 'completed') return [`batch ${id} ended ${status}`];
      if (!right) return [`batch ${id} answered ${answered.length} lines of ${wanted.length}`];
      return completed + failed === total && total === answered.length ? [] : [`batch ${id} does not add up`];
    }),
  );
