import type { TaskRecord } from '@darkroom/shared/tasks';
import type { GenerationDeps } from './deps.ts';
import type { Hand } from './hand.ts';

/** Nobody waits for the answer but the job's place in the queue. */
const cancelMaxMs = 5000;

/**
 * Tells the upstream that a canceled part is wanted no more, where its channel takes cancels. What it answers changes
 * nothing: the task is canceled, and its upstream task stays listed as an orphan that may be charged.
 */
export async function cancelUpstream(deps: GenerationDeps, hand: Hand, now: TaskRecord): Promise<void> {
  const { state, upstream_task_id } = now.parts[hand.index]!;
  if (state !== 'canceled' || !upstream_task_id || !hand.channel.cancel) return;
  const line = { task: now.id, channel: hand.channel.id, upstream_task_id };
  try {
    await deps.upstream.cancel?.(upstream_task_id, AbortSignal.timeout(cancelMaxMs));
    deps.logger.info(line, 'canceled at the upstream');
  } catch (error) {
    deps.logger.warn({ ...line, err: (error as Error).message }, 'the upstream did not take the cancel');
  }
}
