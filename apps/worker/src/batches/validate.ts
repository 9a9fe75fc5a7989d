import {
  type Batch,
  type BatchError,
  type BatchId,
  changeBatch,
  InputGone,
  inputLines,
  type Line,
  LineTooLong,
  parseLine,
} from '@darkroom/shared/batches';
import type { BatchDeps } from './deps.ts';
import { keepRetryLines, ParentGone } from './retryLines.ts';

const linesMax = 50_000;

/** So many errors are listed: whoever has more has made one mistake many times. */
const errorsMax = 1000;

/** Judges the structure of the whole input file before anything of it is run: the batch starts, or fails with its errors. */
export async function validate(deps: BatchDeps, batch: Batch): Promise<void> {
  const { total, errors } = await judge(deps, batch);
  const id = batch.id as BatchId;
  if (errors.length > 0) await changeBatch(deps.records, id, 'fail', deps.now(), { errors });
  else await changeBatch(deps.records, id, 'start', deps.now(), { total });
}

async function judge(deps: BatchDeps, batch: Batch): Promise<{ total: number; errors: BatchError[] }> {
  const errors: BatchError[] = [];
  const customIds = new Map<string, number>();
  let total = 0;
  try {
    if (batch.parent_id !== undefined) await keepRetryLines(deps, batch);
    for await (const line of inputLines(deps, batch)) {
      if (++total > linesMax) return { total, errors: [...errors, tooMany] };
      const error = errorOf(line, batch, customIds);
      if (error && errors.push(error) >= errorsMax) return { total, errors };
    }
  } catch (error) {
    if (error instanceof LineTooLong) {
      return { total, errors: [...errors, wrong('line_too_long', 'This line is too long.', error.line + 1)] };
    }
    if (error instanceof ParentGone) {
      return { total, errors: [wrong('batch_not_found', 'The batch whose failed lines these are is gone.', null)] };
    }
    if (error instanceof InputGone)
      return { total, errors: [wrong('file_not_found', 'The input file is gone.', null)] };
    throw error;
  }
  if (total === 0) errors.push(wrong('empty_file', 'The input file has no lines.', null));
  return { total, errors };
}

function errorOf(line: Line, { endpoint }: Batch, customIds: Map<string, number>): BatchError | undefined {
  const parsed = parseLine(line, endpoint);
  if ('code' in parsed) return parsed as BatchError;
  const earlier = customIds.get(parsed.custom_id);
  customIds.set(parsed.custom_id, line.line + 1);
  if (earlier === undefined) return undefined;
  const message = `\`custom_id\` must be unique; line ${earlier} has the same.`;
  return { ...wrong('duplicate_custom_id', message, line.line + 1), param: 'custom_id' };
}

const wrong = (code: string, message: string, line: number | null): BatchError => ({
  code,
  message,
  param: null,
  line,
});

const tooMany = wrong('too_many_lines', `A batch may have at most ${linesMax} lines.`, linesMax + 1);
