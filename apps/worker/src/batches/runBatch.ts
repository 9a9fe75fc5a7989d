import {
  type Batch,
  type BatchId,
  changeBatch,
  countOpenLines,
  hasEnded,
  isOpen,
  opensAt,
  progressId,
  readBatch,
  stopBatch,
} from '@darkroom/shared/batches';
import { tellBatchChanged } from '@darkroom/shared/events';
import type { BatchDeps } from './deps.ts';
import { finalize } from './finalize.ts';
import { makeMissing, releaseSome } from './release.ts';
import { removeRest } from './removal.ts';
import { settleEnded, withdrawQueued } from './settle.ts';
import { validate } from './validate.ts';

/** What becomes of a batch's job: it is done, or is to be run again, at once or at a time (ms since the epoch). */
export type Run = 'ended' | 'hand_back' | { later_ms: number };

/** How long a batch that has nothing to do looks away. */
const idleMs = 250;

/** Ends that nobody told of are looked for so often. */
const settleEveryMs = 5000;

/** A batch that may not run for longer than this does not stay in a worker. */
const leaveMs = 5000;

/**
 * The story of a batch: validated, released line by line, written out. Entering it again after a crash, or in two
 * workers at once, goes on where it stands.
 */
export async function runBatch(deps: BatchDeps, id: BatchId): Promise<Run> {
  let settleAt = 0;
  let entered = false;
  let seen: Batch['status'] | undefined;
  let told: string | undefined;
  for (;;) {
    const batch = await readBatch(deps.records, id);
    if (!batch) return 'ended';
    if (batch.removed_at_ms !== undefined) return removeRest(deps, batch);
    if (progressId(batch) !== told) await tellBatchChanged(deps.records, batch.key_id, id);
    told = progressId(batch);
    if (hasEnded(batch)) {
      // Also when it is entered again: whoever ended it may have died before it could tell.
      await deps.announce(id);
      return 'ended';
    }
    if (deps.isClosing()) return 'hand_back';
    if (batch.status === 'validating') {
      await validate(deps, batch);
      continue;
    }
    if (batch.status === 'finalizing') {
      await finalize(deps, batch);
      continue;
    }
    if (!entered) await makeMissing(deps, batch);
    entered = true;
    if (batch.status !== seen) settleAt = 0;
    seen = batch.status;
    if (deps.now() >= settleAt) {
      if (batch.status === 'cancelling' || batch.stopped === 'batch_expired') await withdrawQueued(deps, batch);
      await settleEnded(deps, batch);
      settleAt = deps.now() + settleEveryMs;
    }
    const next = batch.status === 'cancelling' ? await wait(deps, batch) : await advance(deps, batch);
    // A batch that was just stopped is looked through at once.
    if (next === 'stopped') settleAt = 0;
    if (next === 'idle') await deps.pause(idleMs);
    else if (typeof next === 'object') return next;
  }
}

type Step = 'more' | 'idle' | 'stopped' | { later_ms: number };

/** One step of a batch that is in progress. */
async function advance(deps: BatchDeps, batch: Batch): Promise<Step> {
  const id = batch.id as BatchId;
  if (deps.now() >= batch.expires_at_ms && !batch.stopped) {
    await stopBatch(deps.records, id, 'batch_expired');
    return 'stopped';
  }
  if (batch.stopped || batch.cursor_line >= batch.total) return finishIfDone(deps, batch);
  const startsAt = Math.max(batch.not_before_ms ?? 0, opening(batch, deps.now()));
  if (startsAt <= deps.now()) return (await releaseSome(deps, batch)) ? 'more' : 'idle';
  const wakeAt = Math.min(startsAt, batch.expires_at_ms);
  const mayLeave = wakeAt - deps.now() > leaveMs && (await countOpenLines(deps.records, id)) === 0;
  return mayLeave ? { later_ms: wakeAt } : 'idle';
}

/** A canceled batch: what was queued of it has been taken back, what is in flight is waited for. */
async function wait(deps: BatchDeps, batch: Batch): Promise<Step> {
  const id = batch.id as BatchId;
  if ((await countOpenLines(deps.records, id)) > 0) return 'idle';
  // Lines may have ended since it was read.
  await finalize(deps, (await readBatch(deps.records, id)) ?? batch);
  return 'more';
}

async function finishIfDone(deps: BatchDeps, batch: Batch): Promise<Step> {
  const word = await changeBatch(deps.records, batch.id as BatchId, 'finalize', deps.now());
  return word === 'lines_open' ? 'idle' : 'more';
}

function opening({ run_window }: Batch, now_ms: number): number {
  if (!run_window || isOpen(run_window, now_ms)) return now_ms;
  return opensAt(run_window, now_ms);
}
