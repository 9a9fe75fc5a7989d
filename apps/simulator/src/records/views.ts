import type { Ledger, Submission } from './ledger.ts';
import { type Phase, phaseAt } from './upstreamTask.ts';

/** `prompt`: text the prompt includes; `idempotencyKey`: the whole key. */
export type SubmissionFilter = { prompt?: string | undefined; idempotencyKey?: string | undefined };

/** A task as tests and operators see it. Times are ms of the simulator's clock. */
export type UpstreamTaskView = {
  id: string;
  prompt: string;
  model: string;
  n: number;
  phase: Phase;
  keyIndex: number;
  idempotencyKey: string | null;
  createdAt: number;
  durationMs: number;
  polls: number;
  downloads: number;
  cancels: number;
  /** when a query was first told that it has succeeded; null before */
  toldAt: number | null;
};

/** @returns those that match, in order of arrival */
export function findSubmissions(ledger: Ledger, filter: SubmissionFilter = {}): readonly Submission[] {
  const { prompt, idempotencyKey } = filter;
  return ledger
    .submissions()
    .filter(
      (submission) =>
        (prompt === undefined || submission.prompt.includes(prompt)) &&
        (idempotencyKey === undefined || submission.idempotencyKey === idempotencyKey),
    );
}

export function viewTasks(ledger: Ledger, now: number): readonly UpstreamTaskView[] {
  return [...ledger.tasks.values()].map((task) => ({
    id: task.id,
    prompt: task.prompt,
    model: task.order.model.id,
    n: task.order.n,
    phase: phaseAt(task, now).phase,
    keyIndex: task.keyIndex,
    idempotencyKey: task.idempotencyKey,
    createdAt: task.createdAt,
    durationMs: task.durationMs,
    polls: task.polls,
    downloads: task.downloads,
    cancels: task.cancels,
    toldAt: task.toldAt,
  }));
}
