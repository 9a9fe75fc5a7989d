import { formatOf } from '@darkroom/shared/admission';
import {
  type Batch,
  type BatchId,
  inputLines,
  type Line,
  type LineReason,
  lineAnswerId,
  lineTaskId,
  outcomesOf,
  parseLine,
  type RequestLine,
} from '@darkroom/shared/batches';
import { errorAnswers, imagesAnswer, openPictureText } from '@darkroom/shared/dialects';
import { Problem, type ProblemCode, problems, TaskFailed } from '@darkroom/shared/errors';
import { publicTask, type TaskRecord } from '@darkroom/shared/tasks';
import type { BatchDeps } from './deps.ts';

/** What came of a line, as a line of a file; a picture in it is read only as it is written. */
export type LineAnswer = { ok: boolean; pieces: () => AsyncIterable<string> };

/** Why the lines were never run that a batch had not released when it was stopped. */
const unrun = {
  budget_exceeded: 'The batch has met its `max_cost`; the line was not run.',
  batch_expired: 'The completion window was over before the line was run.',
  batch_cancelled: 'The batch was canceled before the line was run.',
} as const;

/** What came of every line of a batch, in their order. Source of the shapes: OpenAI's API reference, Batch. */
export async function* answersOf(deps: BatchDeps, batch: Batch): AsyncGenerator<LineAnswer> {
  for await (const { given, outcome } of outcomesOf(deps, batch, inputLines(deps, batch))) {
    const { task, reason } = outcome;
    if (task?.status === 'succeeded') yield { ok: true, pieces: () => succeeded(deps, batch, given, task) };
    else yield { ok: false, pieces: () => failed(batch, given, reason ?? reasonOfTask(task)) };
  }
}

type Failure = LineReason | TaskFailed | undefined;

const reasonOfTask = (task: TaskRecord | undefined): Failure =>
  task && new TaskFailed(task.error ?? { code: 'canceled', message: 'The task was canceled.' });

async function* succeeded(deps: BatchDeps, batch: Batch, line: Line, task: TaskRecord): AsyncGenerator<string> {
  const body =
    batch.endpoint === '/v1/images/tasks'
      ? { code: 'success', message: '', data: publicTask(task, deps.urlOf) }
      : imagesAnswer(task, formatOf(batch, line), deps.urlOf);
  const response = { status_code: 200, request_id: task.id, body };
  const { text } = await openPictureText(deps.store, [{ ...headOf(batch, line), response, error: null }, '\n']);
  yield* text;
}

/** A line that was refused, whose task failed, or that was never run: then there is no answer, only the reason. */
async function* failed(batch: Batch, line: Line, failure: Failure): AsyncGenerator<string> {
  const problem = problemOf(failure);
  if (!problem) {
    const code = batch.stopped ?? 'batch_cancelled';
    const given = failure instanceof TaskFailed ? undefined : failure;
    const error = { code: given?.code ?? code, message: given?.message ?? unrun[code] };
    yield `${JSON.stringify({ ...headOf(batch, line), response: null, error })}\n`;
    return;
  }
  const { status, body } = errorAnswers[batch.endpoint === '/v1/images/tasks' ? 'native' : 'openai'](problem);
  const response = { status_code: status, request_id: lineTaskId(batch.id as BatchId, line.line), body };
  const error = { code: problem.code, message: problem.message };
  yield `${JSON.stringify({ ...headOf(batch, line), response, error })}\n`;
}

function problemOf(failure: Failure): Problem | TaskFailed | undefined {
  if (!failure || failure instanceof TaskFailed) return failure;
  return Object.hasOwn(problems, failure.code) ? new Problem(failure.code as ProblemCode, failure.message) : undefined;
}

function headOf(batch: Batch, line: Line) {
  const { custom_id } = parseLine(line, batch.endpoint) as RequestLine;
  return { id: lineAnswerId(batch.id as BatchId, line.line), custom_id };
}
