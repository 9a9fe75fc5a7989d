import { taskError } from '@darkroom/shared/errors';
import type { QueryOutcome } from '@darkroom/shared/upstream';
import { attemptOf, change, fail, nextAttempt, untilDeadline } from './change.ts';
import type { GenerationDeps } from './deps.ts';
import { endWatch } from './figures.ts';
import type { Hand } from './hand.ts';
import { stoppable } from './stop.ts';

/**
 * Record, stream and job are told of progress only when it has moved so far, percent: polls must not cost Redis. A step
 * costs 13 commands; in steps of 10 the steps of a task cost as much as all else of it.
 */
const progressStep = 25;

/** Longest pause between polls that an upstream may ask for. */
const retryAfterMaxMs = 600_000;

/** Asks the upstream until it has the pictures or has failed. From `running`. */
export async function poll(deps: GenerationDeps, start: Hand): Promise<Hand> {
  let hand = start;
  let failures = 0;
  let askedToWaitMs = 0;
  const watch = deps.schedule.watch(kindOf(hand));
  const told = endWatch(deps, hand, watch);
  for (;;) {
    // From the record, so that a task taken over in the middle is asked for as if one worker had had it all along.
    const elapsed_ms = Math.max(0, deps.now() - (hand.part.submitted_at_ms ?? deps.now()));
    const left_ms = untilDeadline(deps, hand);
    await deps.pause(watch.next({ elapsed_ms, left_ms, failures, asked_ms: askedToWaitMs }), hand.signal);
    const sentAt = deps.now();
    const outcome = await ask(deps, hand);
    told(sentAt, outcome);
    const next = await act(deps, hand, outcome);
    if (next.part.state !== 'running') return next;
    if (untilDeadline(deps, next) <= 0) {
      const { task, index, part } = next;
      const { upstream_task_id = '' } = part;
      await deps.listOrphan({ task, index, part, upstream_task_id, reason: 'expired' });
      return fail(deps, next, taskError('deadline_exceeded', 'The upstream was not done by the deadline.'));
    }
    hand = next;
    failures = outcome.kind === 'unavailable' ? failures + 1 : 0;
    askedToWaitMs = 'retry_after_ms' in outcome ? Math.min(retryAfterMaxMs, outcome.retry_after_ms ?? 0) : 0;
  }
}

/** What decides how long the upstream task takes: a top-up orders fewer pictures than its part. */
const kindOf = ({ channel, task, part }: Hand) => ({
  channel: channel.id,
  model: task.request.model,
  n: part.n - (part.images?.length ?? 0),
});

/** One query about the part's upstream task. @throws Stop */
export async function ask(deps: GenerationDeps, hand: Hand): Promise<QueryOutcome> {
  const query = () => deps.upstream.query(hand.part.upstream_task_id ?? '', hand.signal);
  const outcome = await stoppable(hand.signal, query);
  deps.metrics.add('darkroom_polls_total', { channel: hand.channel.id, outcome: outcome.kind });
  return outcome;
}

async function act(deps: GenerationDeps, hand: Hand, outcome: QueryOutcome): Promise<Hand> {
  switch (outcome.kind) {
    case 'running':
      if (outcome.unknown_word) {
        deps.logger.warn(
          { channel: hand.channel.id, word: outcome.unknown_word },
          'unknown status word read as running',
        );
      }
      return advance(deps, hand, outcome.progress);
    case 'succeeded':
      return succeeded(deps, hand, outcome);
    case 'failed':
      return failed(deps, hand, outcome);
    case 'not_found':
      return notFound(deps, hand);
    case 'unavailable':
      deps.logger.debug({ task: hand.task.id, why: outcome.why }, 'query told nothing');
      return hand;
  }
}

async function succeeded(
  deps: GenerationDeps,
  hand: Hand,
  { results }: Extract<QueryOutcome, { kind: 'succeeded' }>,
): Promise<Hand> {
  if (results.length === 0) {
    return nextAttempt(deps, hand, taskError('upstream_failed', 'The upstream finished without a picture.'));
  }
  const storing = await change(deps, hand, 'collect', {
    part: { ...attemptOf(hand.part), progress: 99, stored_at_ms: deps.now() },
    why: `${results.length} results`,
  });
  hand.view.log(`the upstream is done: ${results.length} results`);
  return { ...storing, results };
}

async function failed(
  deps: GenerationDeps,
  hand: Hand,
  { reason, said }: Extract<QueryOutcome, { kind: 'failed' }>,
): Promise<Hand> {
  const message = said.message ?? 'The upstream failed the task.';
  switch (reason) {
    case 'temporary':
      return nextAttempt(deps, hand, taskError('upstream_failed', message, said));
    case 'content_policy':
      return fail(deps, hand, taskError('content_policy', message, said));
    case 'request':
      return fail(deps, hand, taskError('upstream_refused', message, said));
    case 'other':
      return fail(deps, hand, taskError('upstream_failed', message, said));
  }
}

async function notFound(deps: GenerationDeps, hand: Hand): Promise<Hand> {
  const since = deps.now() - (hand.part.submitted_at_ms ?? 0);
  if (since < deps.limits.not_found_grace_ms) return hand;
  // It was accepted and may have been charged: another attempt may pay for it again, so it is marked.
  const error = taskError('upstream_failed', 'The upstream no longer knows the task it had accepted.');
  hand.view.log('the upstream no longer knows the task');
  return hand.channel.ambiguous_submit === 'retry' ? nextAttempt(deps, hand, error, true) : fail(deps, hand, error);
}

async function advance(deps: GenerationDeps, hand: Hand, progress: number | undefined): Promise<Hand> {
  const seen = Math.min(99, progress ?? 0);
  if (seen < hand.part.progress + progressStep) return hand;
  const advanced = await change(deps, hand, 'advance', { part: { progress: seen }, why: '' });
  await deps.noteProgress(hand.task, hand.index, seen);
  const { attempt, upstream_task_id = null } = advanced.part;
  await hand.view.progress({ percent: seen, state: 'running', attempt, upstream_task_id });
  return advanced;
}
