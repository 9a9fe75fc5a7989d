import { acceptTask, type Judged, judgeLine, type Runnable, reasonOf } from '@darkroom/shared/admission';
import {
  type Batch,
  type BatchId,
  countOpenLines,
  endLine,
  inputLines,
  type Line,
  lineTaskId,
  openLines,
  releaseLines,
  stopBatch,
  unitsOf,
} from '@darkroom/shared/batches';
import { Problem } from '@darkroom/shared/errors';
import type { BatchDeps } from './deps.ts';

/** Lines that are released ahead of what is in flight: what the queue holds of a batch, whatever its length. */
const windowLines = 1000;

/** Lines are passed on in portions of this many, or of this many bytes, whichever is less. */
const portionLines = 100;
const portionBytes = 4 * 2 ** 20;

/** Tasks that are made at once. */
const atOnce = 20;

/** A queue that is too full or away now is asked again after this. */
const retryMs = 1000;

/**
 * Passes on as many lines as there is room for, and makes their tasks.
 * @returns whether there may be room or lines for more at once
 */
export async function releaseSome(deps: BatchDeps, batch: Batch): Promise<boolean> {
  const id = batch.id as BatchId;
  const room = Math.min(windowLines, batch.concurrency ?? windowLines) - (await countOpenLines(deps.records, id));
  if (room <= 0) return false;
  const portion = await nextPortion(deps, batch, Math.min(room, portionLines));
  if (portion.length === 0) return false;
  const max_cost_units = batch.max_cost === undefined ? undefined : unitsOf(batch.max_cost);
  const passed = await releaseLines(deps.records, { id, max_cost_units }, batch.cursor_line, portion);
  if (typeof passed !== 'number') return passed === 'moved';
  await makeTasks(deps, batch, portion.slice(0, passed).filter((one) => 'request' in one) as Runnable[]);
  if (passed === portion.length) return true;
  // The budget does not bear the next line. It may yet, when lines in flight cost less than they might.
  if ((await countOpenLines(deps.records, id)) === 0) await stopBatch(deps.records, id, 'budget_exceeded');
  return false;
}

async function nextPortion(deps: BatchDeps, batch: Batch, count: number): Promise<Judged[]> {
  const portion: Judged[] = [];
  let bytes = 0;
  for await (const line of inputLines(deps, batch, { line: batch.cursor_line, byte: batch.cursor_byte })) {
    portion.push(judgeLine(deps.admission, batch, line));
    bytes += line.text.length;
    if (portion.length >= count || bytes >= portionBytes) break;
  }
  return portion;
}

/**
 * Makes the tasks of released lines that have none: their worker died between the two, or the queue was away. The whole
 * file is read for it, since only the next line's place is known.
 */
export async function makeMissing(deps: BatchDeps, batch: Batch): Promise<void> {
  const id = batch.id as BatchId;
  const missing = new Set<number>();
  for (const line of await openLines(deps.records, id)) {
    if (!(await deps.readTask(lineTaskId(id, line)))) missing.add(line);
  }
  if (missing.size === 0) return;
  for await (const line of inputLines(deps, batch)) {
    if (missing.delete(line.line)) await makeAgain(deps, batch, line);
    if (missing.size === 0) return;
  }
}

async function makeAgain(deps: BatchDeps, batch: Batch, line: Line): Promise<void> {
  const judged = judgeLine(deps.admission, batch, line);
  if ('request' in judged) await makeTask(deps, batch, judged);
  // The catalogue has changed since the line was released.
  else await failLine(deps, batch, line.line, judged.reason);
}

async function makeTasks(deps: BatchDeps, batch: Batch, lines: Runnable[]): Promise<void> {
  for (let i = 0; i < lines.length; i += atOnce) {
    await Promise.all(lines.slice(i, i + atOnce).map((line) => makeTask(deps, batch, line)));
  }
}

/** Makes a line's task, however often it takes: the line is released, so it has to end. */
async function makeTask(deps: BatchDeps, batch: Batch, { line, request }: Runnable): Promise<void> {
  const id = batch.id as BatchId;
  const seconds = Math.max(1, Math.ceil((batch.expires_at_ms - deps.now()) / 1000));
  const deadline_seconds = Math.min(request.deadline_seconds ?? seconds, seconds);
  for (;;) {
    try {
      const client = { id: batch.key_id, weight: batch.weight };
      const taskId = lineTaskId(id, line);
      const entry = { dialect: 'openai', taskId, batch: { id, line }, since_ms: batch.created_at_ms } as const;
      await acceptTask(deps.admission, client, { ...request, deadline_seconds }, entry);
      return;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status !== 503) return failLine(deps, batch, line, reasonOf(error));
      if (deps.isClosing()) throw error;
      await deps.pause(retryMs);
    }
  }
}

const failLine = async (deps: BatchDeps, batch: Batch, line: number, reason: ReturnType<typeof reasonOf>) => {
  await endLine(deps.records, batch.id as BatchId, line, { outcome: 'failed', images: 0, cost_units: 0, reason });
};
