import { expect, test } from 'vitest';
import { isDoubtful, mayBeForgotten } from './doubt.ts';
import type { TaskRecord } from './record.ts';

const day = 86_400_000;
const restored = { taken_at_ms: 1_700_000_000_000, restored_at_ms: 1_700_000_000_000 + 6 * 3_600_000 };
const taskOf = (created_at_ms: number, doubtful?: boolean) => ({ created_at_ms, doubtful }) as TaskRecord;

test('a task is doubtful that is as old as the backup, or that was made as a possible repeat', () => {
  const { taken_at_ms, restored_at_ms } = restored;
  expect(isDoubtful(taskOf(taken_at_ms - day), restored)).toBe(true);
  expect(isDoubtful(taskOf(taken_at_ms), restored)).toBe(true);
  expect(isDoubtful(taskOf(restored_at_ms), restored)).toBe(false);
  expect(isDoubtful(taskOf(restored_at_ms, true), restored)).toBe(true);
  expect(isDoubtful(taskOf(taken_at_ms), undefined)).toBe(false);
});

test('for a day after a restore whatever can have been made before may be a repeat', () => {
  const { restored_at_ms } = restored;
  expect(mayBeForgotten(restored_at_ms + day, restored)).toBe(true);
  expect(mayBeForgotten(restored_at_ms + day + 1, restored)).toBe(false);
  // A line of an old batch, whenever it is released.
  expect(mayBeForgotten(restored_at_ms - 5 * day, restored)).toBe(true);
  expect(mayBeForgotten(restored_at_ms, undefined)).toBe(false);
});
