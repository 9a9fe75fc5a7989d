import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTaskId, jobIdOf, newTaskId, submissionKeyOf, taskIdFor, taskIdPattern } from './ids.ts';

test('a new id has the public shape, and no two are alike', () => {
  const ids = Array.from({ length: 2000 }, newTaskId);
  for (const id of ids) expect(id).toMatch(/^task_[0-9a-z]{26}$/);
  expect(new Set(ids).size).toBe(ids.length);
});

test('every character of the alphabet appears at every place', () => {
  const ids = Array.from({ length: 4000 }, newTaskId);
  for (let place = 5; place < 31; place++) expect(new Set(ids.map((id) => id[place])).size).toBe(36);
});

test('the same key of the same client is always the same task', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (keyId, key) => {
      expect(taskIdFor(keyId, key)).toBe(taskIdFor(keyId, key));
      expect(taskIdFor(keyId, key)).toMatch(taskIdPattern);
    }),
  );
});

test('this release derives the ids that earlier ones did', () => {
  expect(taskIdFor('k_0123456789abcdef', 'order 1')).toBe('task_umr7gpazb45rmc4hovzkh6q3qp');
});

test('different clients or keys never meet', () => {
  const pair = fc.tuple(fc.stringMatching(/^k_[0-9a-f]{16}$/), fc.string());
  fc.assert(
    fc.property(pair, pair, ([keyA, a], [keyB, b]) => {
      fc.pre(keyA !== keyB || a !== b);
      expect(taskIdFor(keyA, a)).not.toBe(taskIdFor(keyB, b));
    }),
  );
});

test.each(['', 'task_', 'task_ABC', `task_${'a'.repeat(25)}`, `task_${'a'.repeat(27)}`, `task_${'A'.repeat(26)}`])(
  '%j is no task id',
  (text) => expect(isTaskId(text)).toBe(false),
);

test('a line break behind an id does not pass', () => {
  expect(isTaskId(`${newTaskId()}\n`)).toBe(false);
});

test('jobs and submissions are named after their task', () => {
  const id = newTaskId();
  expect(jobIdOf(id, 2)).toBe(`${id}-2`);
  expect(submissionKeyOf(id, 2, 3)).toBe(`${id}-2-3`);
});
