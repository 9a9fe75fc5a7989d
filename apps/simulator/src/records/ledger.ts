import type { UpstreamTask } from './upstreamTask.ts';

/** One POST, from its arrival on; `outcome` and what follows are filled in when it is answered. */
export type Submission = {
  /** Ms of the simulator's clock. */
  at: number;
  /** As submitted, directives included; '' when the body had none. */
  prompt: string;
  /** The body's fields, very long texts cut short; of uploaded files the number of bytes, under `files`. */
  fields: Readonly<Record<string, unknown>>;
  idempotencyKey: string | null;
  /** Which of the simulator's keys was used, counted from 0; null for none of them. */
  keyIndex: number | null;
  /** The how manieth submission of this very prompt, counted from 1. */
  ordinal: number;
  upstreamTaskId: string | null;
  /** 'pending' until answered; then 'accepted', 'repeated', 'refused:<code>', or the fault that was played. */
  outcome: string;
  /** HTTP status sent; null for none (yet). */
  status: number | null;
};

/** Half a million tasks take about a gigabyte; the oldest are forgotten first. */
const recordsMax = 500_000;
/** Far longer than any test should take, far shorter than a stuck run is noticed by a person. */
const untilBoundMs = 30_000;

type Waiter = { check: () => boolean | undefined; settle: (error?: unknown) => void };

/** Everything that happened, countable and awaitable. */
export function createLedger() {
  let submissions: Submission[] = [];
  const tasks = new Map<string, UpstreamTask>();
  const byIdempotencyKey = new Map<string, UpstreamTask>();
  const submissionsOf = new Map<string, number>();
  const generationsOf = new Map<string, number>();
  const waiters = new Set<Waiter>();

  /** Says that something was recorded; whoever waits looks again. */
  function changed() {
    for (const waiter of waiters) judge(waiter);
  }

  function judge(waiter: Waiter) {
    try {
      if (waiter.check()) waiter.settle();
    } catch (error) {
      waiter.settle(error);
    }
  }

  return {
    changed,
    tasks,
    submissions: (): readonly Submission[] => submissions,
    arrive(arrived: Omit<Submission, 'ordinal' | 'outcome' | 'status' | 'upstreamTaskId'>): Submission {
      const ordinal = countUp(submissionsOf, arrived.prompt);
      const submission: Submission = { ...arrived, ordinal, outcome: 'pending', status: null, upstreamTaskId: null };
      if (submissions.length >= recordsMax) submissions = submissions.slice(recordsMax / 10);
      submissions.push(submission);
      changed();
      return submission;
    },
    /** @returns how many tasks this prompt has made, the coming one included */
    nextGeneration: (prompt: string): number => countUp(generationsOf, prompt),
    findByIdempotencyKey: (keyIndex: number, key: string) => byIdempotencyKey.get(`${keyIndex} ${key}`),
    keep(task: UpstreamTask) {
      if (tasks.size >= recordsMax) forgetOldest(tasks);
      if (byIdempotencyKey.size >= recordsMax) forgetOldest(byIdempotencyKey);
      tasks.set(task.id, task);
      if (task.idempotencyKey !== null) byIdempotencyKey.set(`${task.keyIndex} ${task.idempotencyKey}`, task);
    },
    /** Resolves once `check` is true, judged at every record. @throws Error after 30 s, or what `check` throws */
    until(check: () => boolean | undefined): Promise<void> {
      return new Promise((resolve, reject) => {
        const give = setTimeout(
          () => waiter.settle(new Error(`not true after ${untilBoundMs} ms: ${check}`)),
          untilBoundMs,
        );
        const waiter: Waiter = {
          check,
          settle(error) {
            clearTimeout(give);
            waiters.delete(waiter);
            if (error === undefined) resolve();
            else reject(error);
          },
        };
        waiters.add(waiter);
        judge(waiter);
      });
    },
  };
}

export type Ledger = ReturnType<typeof createLedger>;

function countUp(counts: Map<string, number>, prompt: string): number {
  const count = (counts.get(prompt) ?? 0) + 1;
  if (counts.size >= recordsMax) forgetOldest(counts);
  counts.set(prompt, count);
  return count;
}

function forgetOldest(map: Map<string, unknown>) {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}
