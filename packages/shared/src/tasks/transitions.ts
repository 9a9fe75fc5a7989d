/** Where a part can be. The last four are final: a part that is there never leaves. */
export const partStates = [
  'queued',
  'submitting',
  'running',
  'storing',
  'succeeded',
  'failed',
  'canceled',
  'expired',
] as const;
export type PartState = (typeof partStates)[number];

export const finalStates = ['succeeded', 'failed', 'canceled', 'expired'] as const satisfies readonly PartState[];

/** What a client sees of a task; computed from its parts. */
export const taskStatuses = ['queued', 'in_progress', 'succeeded', 'failed', 'canceled'] as const;
export type TaskStatus = (typeof taskStatuses)[number];

const open = ['queued', 'submitting', 'running', 'storing'] as const satisfies readonly PartState[];

type Transition = { from: readonly PartState[]; to: PartState; why: string };

/** Every change of state a part can undergo. What is not here cannot happen. */
export const transitions = {
  submit: { from: ['queued'], to: 'submitting', why: 'an attempt is about to be posted' },
  resubmit: {
    from: ['submitting'],
    to: 'submitting',
    why: 'the outcome was unknown; the same attempt is posted again',
  },
  accept: { from: ['submitting'], to: 'running', why: 'the upstream named its task' },
  postpone: { from: ['submitting'], to: 'queued', why: 'surely not accepted; the same attempt is posted later' },
  reroute: { from: ['queued'], to: 'queued', why: 'its channel is shut; another one serves the model' },
  advance: { from: ['running'], to: 'running', why: 'the upstream told its progress' },
  retry: { from: ['submitting', 'running', 'storing'], to: 'queued', why: 'the attempt is over; a new one follows' },
  collect: { from: ['running'], to: 'storing', why: 'the upstream has the pictures' },
  succeed: { from: ['storing'], to: 'succeeded', why: 'the pictures are stored' },
  fail: { from: open, to: 'failed', why: 'no further attempt can help' },
  cancel: { from: open, to: 'canceled', why: 'the client asked for it' },
  expire: { from: open, to: 'expired', why: 'the deadline has passed' },
} as const satisfies Record<string, Transition>;

export type TransitionName = keyof typeof transitions;

export function isFinalState(state: PartState): boolean {
  return (finalStates as readonly PartState[]).includes(state);
}

export function isFinalStatus(status: TaskStatus): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'canceled';
}
