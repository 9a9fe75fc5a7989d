import type { Channel } from '@darkroom/shared/channels';
import { taskError } from '@darkroom/shared/errors';
import { submissionKeyOf } from '@darkroom/shared/tasks';
import type { SubmitOutcome, UpstreamInput } from '@darkroom/shared/upstream';
import { change, fail, untilDeadline, withoutTrouble } from './change.ts';
import type { GenerationDeps } from './deps.ts';
import { possibleDuplicate } from './figures.ts';
import type { Hand } from './hand.ts';
import { prepareInputs } from './inputs.ts';
import { pastDeadline } from './pastDeadline.ts';
import { postSignal } from './postSignal.ts';
import { backoff, Stop, stopOf } from './stop.ts';

/** A post leaves at most this long after the last look at the fence, or the fence is looked at again. */
const fenceGoodForMs = 1000;

/** Longest hold that an upstream may ask for; a `Retry-After` of ten years must not stop a channel. */
const holdMaxMs = 600_000;

/** How long a channel is held when the upstream says "not now" without saying how long. */
const holdDefaultMs = 5000;

const resubmitPauseMaxMs = 60_000;

/** Posts of one attempt whose outcome stayed unknown: each may have been paid for, so there is an end to it. */
const unknownsMax = 10;

/** Waits for the channel's turn and posts the part's current attempt. From `queued`. */
export async function submit(deps: GenerationDeps, hand: Hand): Promise<Hand> {
  const prepared = await prepareInputs(deps, hand);
  if ('error' in prepared) return fail(deps, hand, prepared.error);
  const doubtful = deps.isDoubtful(hand.task);
  // An attempt that may stand at the upstream of this channel goes nowhere else.
  const turn = await waitForTurn(deps, hand, { mayMove: hand.part.unknowns === 0 && !doubtful });
  if (turn === 'late') return pastDeadline(deps, hand);
  if (turn !== 'ours') return moveTo(deps, hand, turn);
  const attempt = hand.part.next_attempt;
  const checkedAt = deps.monotonic();
  const submitting = await change(deps, hand, 'submit', {
    part: { attempt },
    task: doubtful ? { possibly_duplicated: true } : {},
    why: `attempt ${attempt}`,
  });
  hand.view.log(`submitting attempt ${attempt}`);
  return post(deps, submitting, prepared.inputs, checkedAt);
}

/**
 * Goes on from a post whose outcome is unknown: its worker died or lost the answer. From `submitting`. The channel says
 * whether the attempt is posted again, under the same key and with the task marked, or the task fails.
 */
export async function settleSubmission(deps: GenerationDeps, hand: Hand): Promise<Hand> {
  const { channel, part } = hand;
  const unknowns = part.unknowns + 1;
  deps.metrics.add('darkroom_submissions_total', { channel: channel.id, outcome: 'unknown' });
  if (channel.ambiguous_submit === 'fail' || unknowns >= unknownsMax) {
    const why = 'It is unknown whether the upstream accepted the submission, so it was not submitted again.';
    return fail(deps, hand, taskError('submission_unknown', why));
  }
  const prepared = await prepareInputs(deps, hand);
  if ('error' in prepared) return fail(deps, hand, prepared.error);
  const marked = await change(deps, hand, 'resubmit', {
    part: { unknowns },
    task: { possibly_duplicated: true },
    why: 'outcome unknown',
  });
  possibleDuplicate(deps, hand);
  deps.logger.warn({ task: hand.task.id, channel: channel.id, attempt: part.attempt }, 'submission unknown; again');
  marked.view.log(`outcome of attempt ${part.attempt} unknown; submitting again under the same key`);
  await marked.view.flush();
  await pauseBefore(deps, marked, unknowns - 1);
  if ((await waitForTurn(deps, marked, { mayMove: false })) === 'late') return pastDeadline(deps, marked);
  const checkedAt = deps.monotonic();
  const again = await change(deps, marked, 'resubmit', { why: 'again under the same key' });
  return post(deps, again, prepared.inputs, checkedAt);
}

/** Pauses between looks at a shut channel and at others that may serve instead. */
const shutPauseMs = 1000;

/** @returns 'ours', 'late', or a channel to move to: the part's own is shut and this one is open */
async function waitForTurn(
  deps: GenerationDeps,
  hand: Hand,
  { mayMove }: { mayMove: boolean },
): Promise<'ours' | 'late' | Channel> {
  for (;;) {
    const answer = await deps.gate.turn(hand.signal, untilDeadline(deps, hand));
    if (answer !== 'shut') return answer;
    const other = mayMove ? await deps.openElsewhere(hand) : undefined;
    if (other) return other;
    await deps.pause(Math.min(shutPauseMs, Math.max(0, untilDeadline(deps, hand))), hand.signal);
  }
}

/** Moves a waiting part to another channel. The record says so first: a job in the old queue then claims nothing more. */
async function moveTo(deps: GenerationDeps, hand: Hand, channel: Channel): Promise<Hand> {
  const isWhole = hand.task.parts.length === 1;
  const price = channel.models.find((model) => model.id === hand.task.request.model)?.price;
  const moved = await change(deps, hand, 'reroute', {
    part: { channel: channel.id, trouble: '', tries: 0 },
    task: isWhole ? { channel: channel.id, unit_price: price } : {},
    why: `to ${channel.id}`,
  });
  hand.view.log(`moved to channel ${channel.id}: this one is shut`);
  deps.logger.info({ task: hand.task.id, channel: hand.channel.id, to: channel.id }, 'moved to another channel');
  await deps.addJob(channel.id, moved.task, hand.index);
  return { ...moved, movedTo: channel.id };
}

/**
 * Posts, and acts on what became of it.
 * @param sentAt  when the change that said so in the record was sent, monotonic ms: its fence was checked no earlier, but
 *   its answer may have come long after
 */
async function post(deps: GenerationDeps, hand: Hand, inputs: UpstreamInput[], sentAt: number): Promise<Hand> {
  let checkedAt = sentAt;
  const { request } = hand.task;
  const guard = postSignal(deps, hand.signal);
  const lastCheck = async () => {
    while (deps.monotonic() - checkedAt >= fenceGoodForMs || !hand.leaseHolds()) {
      // Counted from the sending, and looked at again if the answer took too long: what it tells is as old as that.
      checkedAt = deps.monotonic();
      const fence = await deps.parts.fenceOf(hand.task.id, hand.index);
      if (fence !== hand.fence) throw new Stop('claim_lost');
      if (!hand.leaseHolds()) throw new Stop('lease_lost');
    }
  };
  const submission = {
    ...request,
    inputs,
    n: hand.part.n - (hand.part.images?.length ?? 0),
    idempotency_key: submissionKeyOf(hand.task.id, hand.index, hand.part.attempt),
  };
  try {
    const outcome = await deps.upstream.submit(submission, guard.signal, lastCheck);
    return await act(deps, hand, outcome);
  } catch (error) {
    if (guard.signal.aborted && !(error instanceof Stop)) throw stopOf(guard.signal);
    throw error;
  } finally {
    guard.end();
  }
}

async function act(deps: GenerationDeps, hand: Hand, outcome: SubmitOutcome): Promise<Hand> {
  // One that is unknown is counted where it is settled, as are those of workers that died over them.
  if (outcome.kind !== 'unknown') {
    deps.metrics.add('darkroom_submissions_total', { channel: hand.channel.id, outcome: outcome.kind });
  }
  switch (outcome.kind) {
    case 'accepted':
      return accepted(deps, hand, outcome.upstream_task_id);
    case 'refused': {
      await deps.gate.note({ outcome: 'answered' });
      const message = outcome.said.message ?? 'The upstream refused the request.';
      return fail(deps, hand, taskError(outcome.code, message, outcome.said));
    }
    case 'refused_channel': {
      const { status, code } = outcome.said;
      const reason = `the upstream refused the channel (${status ?? code ?? 'no reason'})`;
      await deps.gate.note({ outcome: 'refused_channel', reason });
      // Its message, or a code that is a sentence, may quote the prompt.
      const upstream = { status, code: /^[\w.:-]{1,64}$/.test(code ?? '') ? code : null };
      deps.logger.error({ channel: hand.channel.id, upstream }, 'channel refused; circuit opens');
      return postpone(deps, hand, reason);
    }
    case 'not_now': {
      const hold_ms = Math.min(holdMaxMs, outcome.retry_after_ms ?? holdDefaultMs);
      await deps.gate.note({ outcome: 'not_now', hold_ms });
      deps.logger.warn({ channel: hand.channel.id, hold_ms }, 'channel held');
      hand.view.log(`the upstream asks to wait ${hold_ms} ms`);
      await hand.view.flush();
      return change(deps, hand, 'postpone', { why: `not now, ${hold_ms} ms` });
    }
    case 'not_accepted': {
      await deps.gate.note({ outcome: 'failed', reason: outcome.why });
      const queued = await postpone(deps, hand, outcome.why);
      await pauseBefore(deps, queued, queued.part.tries - 1);
      return queued;
    }
    case 'unknown':
      await deps.gate.note({ outcome: 'failed', reason: outcome.why });
      hand.view.log(`${outcome.why}`);
      return settleSubmission(deps, hand);
  }
}

async function accepted(deps: GenerationDeps, hand: Hand, upstream_task_id: string): Promise<Hand> {
  await deps.gate.note({ outcome: 'answered' });
  const now = deps.now();
  const { attempt } = hand.part;
  if (deps.isDoubtful(hand.task)) possibleDuplicate(deps, hand);
  try {
    const running = await change(deps, hand, 'accept', {
      part: { attempt, upstream_task_id, submitted_at_ms: now, starts: 0, ...withoutTrouble(hand.part) },
      task: hand.task.submitted_at_ms === undefined ? { submitted_at_ms: now } : {},
      why: upstream_task_id.slice(0, 64),
    });
    if (hand.task.submitted_at_ms === undefined) await deps.noteStart(running.task);
    hand.view.log(`accepted as ${upstream_task_id}`);
    await hand.view.progress({ percent: 0, state: 'running', attempt, upstream_task_id });
    return running;
  } catch (error) {
    // Canceled, or claimed by another, while the post was on its way: nobody will fetch what it makes.
    if (!(error instanceof Stop)) throw error;
    const orphan = { task: hand.task.id, channel: hand.channel.id, attempt, upstream_task_id };
    deps.logger.warn(orphan, 'orphan upstream task');
    const { task, index, part } = hand;
    await deps.listOrphan({ task, index, part, upstream_task_id, reason: 'claim_lost' });
    throw error;
  }
}

async function postpone(deps: GenerationDeps, hand: Hand, trouble: string): Promise<Hand> {
  hand.view.log(`not accepted: ${trouble}`);
  await hand.view.flush();
  return change(deps, hand, 'postpone', { part: { trouble, tries: hand.part.tries + 1 }, why: trouble });
}

async function pauseBefore(deps: GenerationDeps, hand: Hand, tries: number): Promise<void> {
  const ms = backoff(tries, deps.limits.retry_backoff_ms, resubmitPauseMaxMs, deps.random);
  await deps.pause(Math.min(ms, Math.max(0, untilDeadline(deps, hand))), hand.signal);
}
