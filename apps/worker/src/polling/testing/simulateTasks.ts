import type { PollSchedule, Watch } from '../pollSchedule.ts';

/** A task that has been noticed to be over. */
export type Noticed = { number: number; polls: number; delay_ms: number; elapsed_ms: number };

type Simulation = {
  count: number;
  inFlight: number;
  /** how long a task takes at the upstream, ms */
  durationOf: (number: number) => number;
  /** what the upstream says of its progress, per cent; nothing where left out */
  progressOf?: (elapsed_ms: number, duration_ms: number) => number;
};

type Flying = {
  number: number;
  began: number;
  duration: number;
  watch: Watch;
  polls: number;
  at: number;
  after: number;
};

/**
 * Runs tasks of one kind through a schedule in virtual time, `inFlight` at once, until all have been noticed.
 * @returns them in the order of their ends
 */
export async function simulateTasks(schedule: PollSchedule, simulation: Simulation): Promise<Noticed[]> {
  const { count, inFlight, durationOf, progressOf } = simulation;
  const noticed: Noticed[] = [];
  const flying = new Set<Flying>();
  let now = 0;
  let begun = 0;
  const plan = (task: Flying) => {
    const elapsed_ms = now - task.began;
    const left_ms = Number.POSITIVE_INFINITY;
    task.at = now + task.watch.next({ elapsed_ms, left_ms, failures: 0, asked_ms: 0 });
  };
  const begin = () => {
    if (begun >= count) return;
    const number = begun++;
    const watch = schedule.watch({ channel: 'main', model: 'NanoBanana', n: 1 });
    const task = { number, began: now, duration: durationOf(number), watch, polls: 0, at: 0, after: 0 };
    plan(task);
    flying.add(task);
  };
  for (let i = 0; i < inFlight; i++) begin();
  while (flying.size > 0) {
    const task = [...flying].reduce((a, b) => (b.at < a.at ? b : a));
    now = task.at;
    task.polls++;
    const elapsed_ms = now - task.began;
    if (elapsed_ms < task.duration) {
      task.after = elapsed_ms;
      if (progressOf) task.watch.progressed(progressOf(elapsed_ms, task.duration), elapsed_ms);
      plan(task);
      continue;
    }
    noticed.push({ number: task.number, polls: task.polls, delay_ms: elapsed_ms - task.duration, elapsed_ms });
    await task.watch.ended({ after_ms: task.after, by_ms: elapsed_ms });
    flying.delete(task);
    begin();
  }
  return noticed;
}
