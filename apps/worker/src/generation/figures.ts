import type { TaskRecord } from '@darkroom/shared/tasks';
import type { Recorder } from '@darkroom/shared/telemetry';
import type { QueryOutcome } from '@darkroom/shared/upstream';
import type { Watch } from '../polling/pollSchedule.ts';
import type { GenerationDeps } from './deps.ts';
import type { Hand } from './hand.ts';

/** Counts the end of a task, and of one that succeeded how long each of its phases took. Once a task. */
export function taskEnded(metrics: Recorder<'worker'>, task: TaskRecord): void {
  const { status, channel, error, created_at_ms, submitted_at_ms, finished_at_ms } = task;
  if (status !== 'succeeded' && status !== 'failed' && status !== 'canceled') return;
  metrics.add('darkroom_tasks_finished_total', { status, reason: error?.code ?? 'none' });
  if (status !== 'succeeded') return;
  const stored = task.parts.map((part) => part.stored_at_ms).filter((at_ms) => at_ms !== undefined);
  const done_at_ms = stored.length > 0 ? Math.max(...stored) : undefined;
  const spans = {
    queued: [created_at_ms, submitted_at_ms],
    upstream: [submitted_at_ms, done_at_ms],
    storing: [done_at_ms, finished_at_ms],
    total: [created_at_ms, finished_at_ms],
  } as const;
  for (const phase of ['queued', 'upstream', 'storing', 'total'] as const) {
    const [from, to] = spans[phase];
    if (from === undefined || to === undefined) continue;
    metrics.observe('darkroom_task_phase_duration_seconds', { channel, phase }, Math.max(0, to - from) / 1000);
  }
}

/** Counts a submission made again although the upstream may have accepted the earlier one, and what it may cost. */
export function possibleDuplicate({ metrics }: GenerationDeps, { task, part, channel }: Hand): void {
  const ordered = part.n - (part.images?.length ?? 0);
  metrics.add('darkroom_possible_duplicates_total', { channel: channel.id });
  metrics.add('darkroom_possible_duplicates_cost_total', { channel: channel.id }, Number(task.unit_price) * ordered);
}

/** Counts a try to store a result. `bytes`: of what was stored. */
export function downloadTried(
  { metrics }: GenerationDeps,
  { channel }: Hand,
  outcome: 'stored' | 'not_allowed' | 'gone' | 'unavailable' | 'unreadable' | 'too_large' | 'not_stored',
  bytes = 0,
): void {
  metrics.add('darkroom_downloads_total', { channel: channel.id, outcome });
  metrics.add('darkroom_download_bytes_total', { channel: channel.id }, bytes);
}

/**
 * Measures how late the end of a part's upstream task is noticed, as far as that can be known: it was not over when the
 * query before was sent. Of a part taken over that query is not known, so it is measured from its first one here.
 * The polling schedule learns from the same answers; for it, a task was surely not over when it was submitted.
 * @returns told of every query: when it was sent, and what it told
 */
export function endWatch(deps: GenerationDeps, { part, channel }: Hand, watch: Watch) {
  const submittedAt = part.submitted_at_ms;
  let notOverAt = part.starts === 0 ? submittedAt : undefined;
  return (sentAt: number, outcome: QueryOutcome): void => {
    if (outcome.kind === 'running') {
      notOverAt = sentAt;
      if (submittedAt !== undefined) watch.progressed(outcome.progress ?? 0, sentAt - submittedAt);
    }
    if (outcome.kind !== 'succeeded' && outcome.kind !== 'failed') return;
    if (submittedAt !== undefined) {
      const after_ms = Math.max(0, (notOverAt ?? submittedAt) - submittedAt);
      void watch.ended({ after_ms, by_ms: deps.now() - submittedAt });
    }
    if (notOverAt === undefined) return;
    const seconds = Math.max(0, deps.now() - notOverAt) / 1000;
    deps.metrics.observe('darkroom_notice_delay_seconds', { channel: channel.id }, seconds);
  };
}
