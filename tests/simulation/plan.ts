import type { AmbiguousSubmit, ModelOffer } from '@darkroom/shared/channels';
import fc from 'fast-check';

/** What becomes of one POST. `unheard`: no answer comes back, whether it was accepted or lost on the way. */
export type PostFate = 'accept' | 'accept_unheard' | 'lost_unheard' | 'not_accepted' | 'not_now' | 'refuse' | 'shut';

/** What becomes of one accepted upstream task. */
export type TaskFate =
  | 'succeed'
  | 'short'
  | 'empty'
  | 'forget'
  | 'temporary'
  | 'content_policy'
  | 'request'
  | 'other'
  | 'url_gone';

export type TaskPlan = {
  /** pictures ordered by each of its parts */
  part_sizes: number[];
  when_short: ModelOffer['when_short'];
  /** created so long after the start */
  at_ms: number;
  deadline_ms: number;
  /** the API dies between record and job */
  without_job: boolean;
  /** fates of its POSTs, one after the other; further ones are accepted */
  posts: PostFate[];
  /** fates of its accepted upstream tasks, one after the other; further ones succeed */
  fates: TaskFate[];
};

/**
 * Something that goes wrong before step `at` of the schedule. `who` chooses among the workers, tasks or jobs there are.
 * - `crash`: a worker dies; what it has sent may still arrive
 * - `freeze`: a worker stops for `ms` and then goes on as if nothing had happened
 * - `close`: a worker is told to go, and hands its jobs back
 * - `cancel`: a client cancels a task
 * - `lock`: a job's lock is gone, although its worker lives
 * - `resend`: the next command runs twice: its answer was lost with its connection
 * - `sweep`: the sweep runs now
 */
export type Fault = {
  kind: 'crash' | 'freeze' | 'close' | 'cancel' | 'lock' | 'resend' | 'sweep';
  at: number;
  who: number;
  ms: number;
};

export type Plan = { seed: number; tasks: TaskPlan[]; faults: Fault[] };

/** What a whole campaign of plans has in common. */
export type Terms = { ambiguous_submit: AmbiguousSubmit; idempotent: boolean };

const often = <T>(weight: number, value: T) => ({ weight, arbitrary: fc.constant(value) });

const post: fc.Arbitrary<PostFate> = fc.oneof(
  often(6, 'accept' as const),
  often(3, 'accept_unheard' as const),
  often(2, 'lost_unheard' as const),
  often(2, 'not_accepted' as const),
  often(2, 'not_now' as const),
  often(1, 'refuse' as const),
  often(1, 'shut' as const),
);
const fate: fc.Arbitrary<TaskFate> = fc.oneof(
  often(6, 'succeed' as const),
  often(2, 'temporary' as const),
  often(2, 'short' as const),
  fc.constantFrom<TaskFate>('empty', 'forget', 'content_policy', 'request', 'other', 'url_gone'),
);

const task: fc.Arbitrary<TaskPlan> = fc.record({
  part_sizes: fc.oneof(often(3, [1]), often(1, [2]), often(1, [3]), often(1, [2, 1]), often(1, [1, 1])),
  when_short: fc.constantFrom('accept' as const, 'top_up' as const),
  at_ms: fc.nat(8000),
  deadline_ms: fc.oneof(often(5, 600_000), { weight: 1, arbitrary: fc.integer({ min: 5000, max: 60_000 }) }),
  without_job: fc.oneof(often(15, false), often(1, true)),
  posts: fc.array(post, { maxLength: 4 }),
  fates: fc.array(fate, { maxLength: 3 }),
});

const ms = fc.oneof(fc.nat(3000), fc.integer({ min: 8000, max: 30_000 }));
const who = fc.nat(7);
const crash: fc.Arbitrary<Fault> = fc.record({ kind: fc.constant('crash' as const), at: fc.nat(100), who, ms });
const fault: fc.Arbitrary<Fault> = fc.record({
  kind: fc.oneof(
    often(6, 'crash' as const),
    often(5, 'freeze' as const),
    often(2, 'close' as const),
    often(2, 'cancel' as const),
    often(2, 'lock' as const),
    often(2, 'resend' as const),
    often(1, 'sweep' as const),
  ),
  at: fc.nat(260),
  who,
  ms,
});

/** Plans to run, each with a crash; a failing one shrinks to the tasks and faults it takes to fail. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  seed: fc.noShrink(fc.integer()),
  tasks: fc.array(task, { minLength: 1, maxLength: 3, size: 'max' }),
  faults: fc.tuple(crash, fc.array(fault, { maxLength: 6, size: 'max' })).map(([first, more]) => [first, ...more]),
});
