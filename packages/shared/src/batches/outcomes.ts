import type { Records, TaskId, TaskRecord, TaskStatus } from '../tasks/index.ts';
import { type Batch, hasEnded } from './batchRecord.ts';
import { type LineReason, readReasons } from './batchStore.ts';
import { type BatchId, lineTaskId } from './ids.ts';

/** What came of a line so far: its task, or why it has none; neither for one that was not run, or whose task is gone. */
export type Outcome = { line: number; task: TaskRecord | undefined; reason: LineReason | undefined };

export type OutcomeDeps = {
  records: Records;
  /** a task by its record, or by its manifest where the record has gone */
  readTask: (id: TaskId) => Promise<TaskRecord | undefined>;
};

/** Lines whose records are read at once: what is in memory of a batch, whatever its length. */
const portionLines = 100;

type Released = Pick<Batch, 'id' | 'cursor_line'>;

/**
 * What came of lines, in the order they are given.
 * @param lines  whatever carries a line's number, counted from 0
 * @throws when Redis or storage does not answer
 */
export async function* outcomesOf<T extends { line: number }>(
  deps: OutcomeDeps,
  batch: Released,
  lines: AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<{ given: T; outcome: Outcome }> {
  let portion: T[] = [];
  for await (const line of lines) {
    if (portion.push(line) < portionLines) continue;
    yield* readPortion(deps, batch, portion);
    portion = [];
  }
  yield* readPortion(deps, batch, portion);
}

async function* readPortion<T extends { line: number }>(
  { records, readTask }: OutcomeDeps,
  batch: Released,
  portion: readonly T[],
) {
  const id = batch.id as BatchId;
  const numbers = portion.map(({ line }) => line);
  const reasons = await readReasons(records, id, numbers);
  // A line that was never released has no task: storage need not be asked for its manifest.
  const has = (line: number, i: number) => !reasons[i] && line < batch.cursor_line;
  const tasks = await Promise.all(
    numbers.map((line, i) => (has(line, i) ? readTask(lineTaskId(id, line)) : undefined)),
  );
  for (const [i, given] of portion.entries()) {
    yield { given, outcome: { line: given.line, task: tasks[i], reason: reasons[i] } };
  }
}

/** The numbers of the lines of a batch that were released or refused: all that may have a task. */
export function* releasedLines({ cursor_line }: Pick<Batch, 'cursor_line'>): Generator<{ line: number }> {
  for (let line = 0; line < cursor_line; line++) yield { line };
}

/**
 * How a line stands: as its task does, `failed` where it was refused, `waiting` before it has a task, `not_run` when the
 * batch has ended without it, `removed` when its task is gone.
 */
export type Standing = TaskStatus | 'waiting' | 'not_run' | 'removed';

export function standingOf(batch: Pick<Batch, 'status' | 'cursor_line'>, { line, task, reason }: Outcome): Standing {
  if (reason) return 'failed';
  if (task) return task.status;
  if (!hasEnded(batch)) return 'waiting';
  return line < batch.cursor_line ? 'removed' : 'not_run';
}
