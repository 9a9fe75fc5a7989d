import { bucketOf, edgeOf } from './buckets.ts';
import { quantileOf, scaled } from './distribution.ts';
import type { Learned } from './durationStore.ts';
import { type Belief, believe } from './durations.ts';
import { type PollBounds, type PollPlan, planForDelay, planPolls } from './planPolls.ts';
import { foretoldMs, type Reading, ratioUnit } from './progress.ts';

/** What is known of a kind of task, with the plans that follow from it. */
export type Knowledge = {
  durations: Belief;
  progress: Belief | undefined;
  /** @param reading  the task's own progress, where it has moved */
  planFor(reading: Reading | undefined): PollPlan;
};

/** Tasks that must have ended before anything is computed from them: of fewer, the slowest is not yet among them. */
const knownMin = 12;

/** Progress is believed when what it foretells is narrower than what durations tell by this factor. */
const narrower = 0.7;

/** Plans by progress are made for a few lengths to the doubling, and stretched to the task's own. */
const bucketsAPlan = 6;

/** @returns undefined while too little is known */
export function knowledgeOf(learned: Learned, bounds: PollBounds, target_delay_ms: number): Knowledge | undefined {
  const durations = believe(learned.durations);
  if (!durations || durations.known_tasks < knownMin) return undefined;
  const plan = planForDelay(durations.distribution, bounds, target_delay_ms);
  const progress = believe(learned.progress);
  const isTold = progress && progress.known_tasks >= knownMin && spreadOf(progress) < narrower * spreadOf(durations);
  const byLength = new Map<number, PollPlan>();
  return {
    durations,
    progress,
    planFor(reading) {
      if (!reading || !isTold) return plan;
      const wanted_ms = foretoldMs(reading);
      const length = Math.round(bucketOf(wanted_ms) / bucketsAPlan);
      const length_ms = edgeOf(length * bucketsAPlan);
      const near =
        byLength.get(length) ?? planPolls(scaled(progress.distribution, length_ms / ratioUnit), bounds, plan.lambda);
      byLength.set(length, near);
      return stretched(near, wanted_ms / length_ms);
    },
  };
}

/** How far apart the quick and the slow ones are. */
const spreadOf = ({ distribution }: Belief): number =>
  Math.log(quantileOf(distribution, 0.9) / quantileOf(distribution, 0.1));

/** A plan for tasks a little longer or shorter: where its polls are worth making changes with them, its costs hardly. */
const stretched = (plan: PollPlan, factor: number): PollPlan => ({
  ...plan,
  distribution: scaled(plan.distribution, factor),
});
