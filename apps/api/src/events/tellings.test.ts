import { type Entry, isEventId } from '@darkroom/shared/events';
import { recordOf, type TaskRecord } from '@darkroom/shared/tasks';
import { expect, test } from 'vitest';
import { orderOf } from '../../../../packages/shared/src/tasks/testing/orders.ts';
import { Tellings } from './tellings.ts';

const task = recordOf(orderOf());
const entryOf = (number: number): Entry => ({ id: `1-${number}`, event: 'task.progress', task_id: task.id });

/** Tellings of a task whose progress is the number of times it has been read. */
function tellingsOf(read: (times: number) => TaskRecord | undefined = (times) => ({ ...task, progress: times })) {
  let times = 0;
  const signer = { urlOf: (key: string) => key, verify: () => false };
  const tellings = new Tellings({ readTask: async () => read(++times), signer });
  return { tellings, reads: () => times };
}

test('an event is read and rendered once for all who hear it', async () => {
  const { tellings, reads } = tellingsOf();
  const entry = entryOf(1);
  const readings = Array.from({ length: 100 }, () => tellings.of(entry, 0));
  const told = await Promise.all(readings.map(({ telling }) => telling));
  expect(reads()).toBe(1);
  expect(new Set(told.map((one) => one?.block)).size).toBe(1);
  const [, id] = /^id: (.*)$/m.exec(String(told[0]?.block))!;
  expect([id, isEventId(id!)]).toEqual([entry.id, true]);
});

test('nobody is shown a task as it was before what it has been shown', async () => {
  const { tellings } = tellingsOf();
  const [first, second] = [entryOf(1), entryOf(2)];
  // A reader that came between the two has had the second read before anybody has had the first.
  await tellings.of(second, 0).telling;
  const progressOf = async (entry: Entry, notBefore: number) => {
    const { number, telling } = tellings.of(entry, notBefore);
    return { number, progress: /"progress":"(\d+)%"/.exec(String((await telling)?.block))![1] };
  };
  const held = await progressOf(first, 0);
  expect(held.progress).toBe('2');
  expect(await progressOf(second, held.number)).toMatchObject({ progress: '3' });
  // Whoever comes behind is shown the later reading, too.
  expect(await progressOf(second, 0)).toMatchObject({ progress: '3' });
  expect(await progressOf(second, tellings.next)).toMatchObject({ progress: '4' });
});

test('a reading that fails ends those who wait for it; who comes later reads for itself', async () => {
  const { tellings, reads } = tellingsOf((times) => {
    if (times === 1) throw new Error('away');
    return undefined;
  });
  const entry = entryOf(1);
  const waiting = [tellings.of(entry, 0), tellings.of(entry, 0)].map(({ telling }) => telling);
  expect((await Promise.allSettled(waiting)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await tellings.of(entry, 0).telling).toBeUndefined();
  expect(reads()).toBe(2);
});
