import { expect, test } from 'vitest';
import {
  finalStates,
  isFinalState,
  isFinalStatus,
  type PartState,
  partStates,
  taskStatuses,
  transitions,
} from './transitions.ts';

const table = Object.entries(transitions).map(([name, { from, to }]) => ({ name, from: [...from] as PartState[], to }));

const unfinished = partStates.filter((state) => !isFinalState(state));

test('every state can be reached from where a part begins', () => {
  const reached = new Set<PartState>(['queued']);
  for (let before = 0; before < reached.size; ) {
    before = reached.size;
    for (const { from, to } of table) if (from.some((state) => reached.has(state))) reached.add(to);
  }
  expect([...reached].sort()).toEqual([...partStates].sort());
});

test('nothing leaves a final state', () => {
  for (const { name, from } of table) {
    expect(from.filter(isFinalState), `${name} leaves a final state`).toEqual([]);
  }
});

test('from every unfinished state a part can end, whatever happens', () => {
  for (const end of ['fail', 'cancel', 'expire'] as const) {
    expect([...transitions[end].from].sort(), end).toEqual([...unfinished].sort());
  }
});

test('an attempt is posted only after the record says so', () => {
  const intoRunning = table.filter(({ to }) => to === 'running').flatMap(({ from }) => from);
  expect(new Set(intoRunning)).toEqual(new Set(['submitting', 'running']));
  expect(transitions.submit.from).toEqual(['queued']);
});

test('a part succeeds only from stored pictures', () => {
  expect(table.filter(({ to }) => to === 'succeeded')).toEqual([
    { name: 'succeed', from: ['storing'], to: 'succeeded' },
  ]);
});

test('the final states and statuses are just those', () => {
  expect(partStates.filter(isFinalState)).toEqual([...finalStates]);
  expect(taskStatuses.filter(isFinalStatus)).toEqual(['succeeded', 'failed', 'canceled']);
});
