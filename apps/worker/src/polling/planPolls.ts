import { type Distribution, firstFrom, survivalAt } from './distribution.ts';

/** Shortest and longest pause between two polls. */
export type PollBounds = { min_ms: number; max_ms: number };

/**
 * The best times to poll tasks of one distribution. With S(t) the chance that a task still runs at t, polls at
 * t1 < t2 < … cost, in expectation and up to a constant,
 *
 *     sum over k of S(tk) · (1 + λ · (tk+1 - tk)),   t0 = 0
 *
 * since the poll at tk+1 is made, and its pause waited for, by those alone that run at tk. So the cost to come, W(t),
 * is the least over u of S(t) · (1 + λ · (u - t)) + W(u), and is found from the last time backwards.
 */
export type PollPlan = {
  distribution: Distribution;
  bounds: PollBounds;
  /** what a second of delay costs, in polls */
  lambda: number;
  /** W at each time of the distribution */
  cost: Float64Array;
  /** the polls in it */
  polls: Float64Array;
  /** the time to poll at after a poll at each time, as an index; the number of times where none is left */
  following: Int32Array;
};

/**
 * Finds the plan. The later a poll, the later the one after it (S falls, so the matrix that is searched is totally
 * monotone): each search goes only from the floor to where the one after it ended.
 */
export function planPolls(distribution: Distribution, bounds: PollBounds, lambda: number): PollPlan {
  const { times_ms, survival } = distribution;
  const count = times_ms.length;
  const perMs = lambda / 1000;
  const cost = new Float64Array(count);
  const polls = new Float64Array(count);
  const following = new Int32Array(count).fill(count);
  let from = count;
  let latest = count - 1;
  for (let i = count - 1; i >= 0; i--) {
    const now = times_ms[i]!;
    while (from > 0 && times_ms[from - 1]! >= now + bounds.min_ms) from--;
    polls[i] = survival[i]!;
    if (from === count) {
      cost[i] = survival[i]! * (1 + perMs * bounds.min_ms);
      continue;
    }
    // Where times are further apart than the bound, the next one stands for the bound.
    while (latest > from && times_ms[latest]! > now + bounds.max_ms) latest--;
    const slope = survival[i]! * perMs;
    let best = Number.POSITIVE_INFINITY;
    let at = from;
    for (let u = from; u <= latest; u++) {
      const candidate = slope * (times_ms[u]! - now) + cost[u]!;
      if (candidate < best) {
        best = candidate;
        at = u;
      }
    }
    cost[i] = survival[i]! + best;
    polls[i]! += polls[at]!;
    following[i] = at;
    latest = at;
  }
  return { distribution, bounds, lambda, cost, polls, following };
}

/**
 * The best next poll of a task that is running after so long: of those that have run as long, whatever was planned.
 * @returns undefined where the distribution knows of no task that runs so long
 */
export function nextPollAt(plan: PollPlan, elapsed_ms: number): { at_ms: number; then_ms: number } | undefined {
  const { bounds, distribution, following } = plan;
  const { times_ms } = distribution;
  const best = bestAfter(plan, elapsed_ms);
  if (!best) return undefined;
  const at_ms = times_ms[best.index]!;
  const after_ms = times_ms[following[best.index]!];
  const then_ms = after_ms === undefined ? bounds.min_ms : after_ms - at_ms;
  return { at_ms: Math.min(at_ms, elapsed_ms + bounds.max_ms), then_ms };
}

/** What a plan costs a task from its submission on: polls, and how late its end is noticed, both on average. */
export function outlookOf(plan: PollPlan): { polls: number; delay_ms: number } {
  const { distribution, lambda, bounds } = plan;
  const first = bestAfter(plan, 0);
  if (!first) return { polls: 1, delay_ms: Math.max(0, bounds.min_ms - distribution.mean_ms) };
  const polls = 1 + plan.polls[first.index]!;
  const noticed_ms = ((1 + first.cost - polls) / lambda) * 1000;
  return { polls, delay_ms: noticed_ms - distribution.mean_ms };
}

/** The poll that costs least, of those that may follow such a time, and what comes with it beside the poll itself. */
function bestAfter({ distribution, bounds, lambda, cost }: PollPlan, elapsed_ms: number) {
  const { times_ms } = distribution;
  const left = survivalAt(distribution, elapsed_ms);
  const from = firstFrom(times_ms, elapsed_ms + bounds.min_ms);
  if (left <= 0 || from === times_ms.length) return undefined;
  const slope = (left * lambda) / 1000;
  const best = { index: from, cost: Number.POSITIVE_INFINITY };
  for (let u = from; u < times_ms.length && (u === from || times_ms[u]! <= elapsed_ms + bounds.max_ms); u++) {
    const candidate = slope * (times_ms[u]! - elapsed_ms) + cost[u]!;
    if (candidate < best.cost) {
      best.cost = candidate;
      best.index = u;
    }
  }
  return best;
}

/** Halvings of the search for λ: each step of the rest is under 2 %, which moves polls and delay by less than 1 %. */
const halvings = 10;

/**
 * The plan whose delay is, on average, as given: λ is what makes it so. A delay that no pause within the bounds can
 * give is come as near to as they allow.
 */
export function planForDelay(distribution: Distribution, bounds: PollBounds, delay_ms: number): PollPlan {
  // A poll is worth between a thousandth and a thousand times the delay that is aimed at.
  let [low, high] = [-10, 10];
  let best = planPolls(distribution, bounds, (2 ** high * 1000) / delay_ms);
  for (let i = 0; i < halvings; i++) {
    const middle = (low + high) / 2;
    const plan = planPolls(distribution, bounds, (2 ** middle * 1000) / delay_ms);
    if (outlookOf(plan).delay_ms > delay_ms) low = middle;
    else {
      high = middle;
      best = plan;
    }
  }
  return best;
}
