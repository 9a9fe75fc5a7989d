import type { Seen } from './durations.ts';

/** What upstream tasks are alike in: how long they take depends on it. */
export type TaskKind = { channel: string; model: string; n: number };

/** A running task, at the moment its next poll is decided on. */
export type Running = {
  /** since the submission was accepted */
  elapsed_ms: number;
  /** until the task's deadline */
  left_ms: number;
  /** queries in a row that told nothing */
  failures: number;
  /** pause that the upstream asked for; 0 where it asked for none */
  asked_ms: number;
};

/** Decides when one running task is asked for next. */
export type Watch = {
  /** ms until the next query */
  next(running: Running): number;
  /** Hears how far the upstream says it is, in per cent, in an answer to a query sent after so long. */
  progressed(percent: number, elapsed_ms: number): void;
  /** Hears between which polls the task has ended. Never fails; waiting for it is not needed. */
  ended(seen: Seen): Promise<void>;
};

/** Decides when running tasks are asked for. */
export type PollSchedule = {
  /** Begins with a task of this kind: one just submitted, or one taken over from another worker. */
  watch(kind: TaskKind): Watch;
};
