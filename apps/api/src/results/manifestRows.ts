import {
  type Batch,
  type InputDeps,
  InputGone,
  inputLines,
  type OutcomeDeps,
  outcomesOf,
  parseLine,
  type Standing,
  standingOf,
} from '@darkroom/shared/batches';
import { publicTask } from '@darkroom/shared/tasks';

/** What a manifest says of one line. Money is a decimal string, times are ISO 8601; null where there is nothing to say. */
export type ManifestRow = {
  /** counted from 1, as in a batch's errors */
  line: number;
  custom_id: string | null;
  task_id: string | null;
  status: Standing;
  error_code: string | null;
  error_message: string | null;
  cost: string | null;
  currency: string;
  attempts: number | null;
  possibly_duplicated: boolean | null;
  created_at: string | null;
  finished_at: string | null;
  images: { url: string; media_type: string; bytes: number; width: number; height: number; sha256: string }[];
};

type Deps = OutcomeDeps & InputDeps & { urlOf: (key: string) => string };

/** A row for each line of a batch as it stands, in their order. @throws when Redis or storage does not answer */
export async function* manifestRows(deps: Deps, batch: Batch): AsyncGenerator<ManifestRow> {
  for await (const { given, outcome } of outcomesOf(deps, batch, linesOf(deps, batch))) {
    const { task, reason } = outcome;
    const shown = task && publicTask(task, deps.urlOf);
    const { cost, timings, images, attempts, possibly_duplicated } = shown?.metadata ?? {};
    const status = standingOf(batch, outcome);
    const unrun = status === 'not_run' ? { code: batch.stopped, message: 'The line was not run.' } : undefined;
    const error = reason ?? shown?.error ?? unrun;
    yield {
      line: given.line + 1,
      custom_id: given.custom_id,
      task_id: shown?.task_id ?? null,
      status,
      error_code: error?.code ?? null,
      error_message: error?.message ?? null,
      cost: cost?.actual ?? null,
      currency: batch.currency,
      attempts: attempts ?? null,
      possibly_duplicated: possibly_duplicated ?? null,
      created_at: timings?.created_at ?? null,
      finished_at: timings?.finished_at ?? null,
      images: images ?? [],
    };
  }
}

type NamedLine = { line: number; custom_id: string | null };

/** A batch that is not validated, or failed as a whole, has run no line. */
async function* linesOf(deps: Deps, batch: Batch): AsyncGenerator<NamedLine> {
  if (batch.total === 0) return;
  try {
    for await (const line of inputLines(deps, batch)) {
      const parsed = parseLine(line, batch.endpoint);
      yield { line: line.line, custom_id: 'custom_id' in parsed ? parsed.custom_id : null };
    }
  } catch (error) {
    if (!(error instanceof InputGone)) throw error;
    // Its client removed the input file; what came of the lines is known all the same.
    for (let line = 0; line < batch.total; line++) yield { line, custom_id: null };
  }
}
