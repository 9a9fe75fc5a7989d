import { expect, test } from 'vitest';
import { manualClock } from '../testing/manualClock.ts';
import { ownerOf, settle_ms, whenSettled } from './watchSources.ts';

test('a burst of saves is one change', () => {
  const clock = manualClock();
  const changes: string[][] = [];
  const note = whenSettled(clock, (names) => changes.push([...names]));
  note('api');
  clock.advance(settle_ms - 1);
  note('api');
  note('worker');
  clock.advance(settle_ms);
  note('api');
  clock.advance(settle_ms);
  expect(changes).toEqual([['api', 'worker'], ['api']]);
});

test('a source belongs to its app, a package to every app, a test to none', () => {
  expect(ownerOf('apps/api/src/routes/createTask.ts')).toBe('api');
  expect(ownerOf('packages/shared/src/tasks/lua/createTask.lua')).toBe('every');
  expect(ownerOf('apps/api/src/routes/createTask.test.ts')).toBeUndefined();
  expect(ownerOf('apps/api/package.json')).toBeUndefined();
});
