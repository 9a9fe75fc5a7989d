import { InvariantBroken, taskError } from '@darkroom/shared/errors';
import { GenerationJob } from '@darkroom/shared/queues';
import { isRedisUnavailable } from '@darkroom/shared/redis';
import {
  channelOf,
  isFinalState,
  isFinalStatus,
  orphansOfCanceled,
  parseRecord,
  type TaskId,
  type TaskRecord,
} from '@darkroom/shared/tasks';
import { type Job, WaitingError } from 'bullmq';
import { announce } from './announce.ts';
import { cancelUpstream } from './cancelUpstream.ts';
import { fail, untilDeadline } from './change.ts';
import { collect } from './collect.ts';
import type { GenerationDeps } from './deps.ts';
import { taskEnded } from './figures.ts';
import type { Hand } from './hand.ts';
import { jobView } from './jobView.ts';
import { pastDeadline } from './pastDeadline.ts';
import { poll } from './poll.ts';
import { Stop } from './stop.ts';
import { settleSubmission, submit } from './submit.ts';

/**
 * Steps one part may take in one go. A part takes four when all is well, three more for each further attempt, one for
 * each post that was not accepted; a part that takes more than this runs in circles.
 */
const stepsMax = 10_000;

/** What a finished job says on Bull Board. */
export type GenerationResult = { state: string; upstream_task_id?: string; attempts?: number; images?: number };

/**
 * The story of a part, from the queue to stored pictures. Every step takes the part in one state and leaves it in
 * another, so a part taken over after a crash is just continued.
 * @param leaseHolds  whether the lease on a job holds at this moment
 */
export function generationProcessor(deps: GenerationDeps, leaseHolds: (jobId: string) => boolean) {
  return async (job: Job<GenerationJob>, token: string | undefined, signal: AbortSignal | undefined) => {
    // A worker that fills up when it is told to go still starts jobs; they are handed back before anything happens.
    if (deps.isClosing()) return handBack(job, token);
    const { task_id, part } = GenerationJob.parse(job.data);
    const id = task_id as TaskId;
    const kept = await deps.keptEnd(id);
    if (kept) return ended(deps, kept, part);
    // Fetched so late that its lock is gone: a claim now would only take the part from whoever has it since.
    if (!leaseHolds(job.id!)) throw new NotOurs();
    const claim = await deps.parts.claim(id, part, deps.channelId);
    if (claim.word === 'missing') return { state: 'missing' };
    if (claim.word === 'elsewhere') return forwarded(deps, claim.task, part);
    if (claim.word === 'final') return ended(deps, claim.task, part);
    // Who held it before may have died before it could tell that the task has begun.
    if (claim.task.submitted_at_ms !== undefined) await deps.noteStart(claim.task);
    const hand = handOf(deps, claim.task, part, job, signal!, () => leaseHolds(job.id!));
    try {
      const last = await workOn(deps, hand);
      if (last.taskEnded) await announce(deps, id, (task) => taskEnded(deps.metrics, task));
      return resultOf(last);
    } catch (error) {
      if (!(error instanceof Stop)) {
        await toTheFront(job);
        throw error;
      }
      return await stopped(deps, hand, error, job, token);
    } finally {
      await hand.view.flush();
    }
  };
}

async function workOn(deps: GenerationDeps, start: Hand): Promise<Hand> {
  let hand = start;
  if (hand.part.starts > deps.limits.max_starts) return setAside(deps, hand);
  for (let step = 0; step < stepsMax && hand.movedTo === undefined; step++) {
    switch (hand.part.state) {
      case 'queued':
        hand = untilDeadline(deps, hand) <= 0 ? await pastDeadline(deps, hand) : await submit(deps, hand);
        break;
      case 'submitting':
        hand = await settleSubmission(deps, hand);
        break;
      case 'running':
        hand = await poll(deps, hand);
        break;
      case 'storing':
        hand = await collect(deps, hand);
        break;
      default:
        return hand;
    }
  }
  if (hand.movedTo !== undefined) return hand;
  throw new InvariantBroken(`part ${hand.index} of ${hand.task.id} still ${hand.part.state} after ${stepsMax} steps`);
}

/**
 * Whoever takes the job up finds it at the very front, whatever came in between. One that keeps its place is only taken
 * up later, so a Redis that refuses it now is no reason to stop. A stalled job goes to the front by itself.
 */
async function toTheFront(job: Job<GenerationJob>): Promise<void> {
  if (job.priority === 0) return;
  try {
    await job.changePriority({ priority: 0 });
  } catch (error) {
    if (!isRedisUnavailable(error)) throw error;
  }
}

function setAside(deps: GenerationDeps, hand: Hand): Promise<Hand> {
  const { starts } = hand.part;
  deps.logger.error({ task: hand.task.id, channel: hand.channel.id, starts }, 'part set aside as poisoned');
  const why = `Set aside: ${starts - 1} workers in a row died while they worked on it.`;
  return fail(deps, hand, taskError('poisoned', why));
}

/**
 * The work stopped before its end. On closing the job goes back to the front. Else it is over (canceled) or somebody
 * else's; a job whose part is not final is never completed, since nobody might hold it: should its lock still be ours
 * after all, throwing puts it back into the queue.
 */
async function stopped(
  deps: GenerationDeps,
  hand: Hand,
  stop: Stop,
  job: Job<GenerationJob>,
  token: string | undefined,
) {
  deps.logger.info({ task: hand.task.id, channel: hand.channel.id, state: hand.part.state }, `stopped: ${stop.reason}`);
  if (stop.reason === 'closing') {
    await deps.parts.release({ id: hand.task.id, part: hand.index, fence: hand.fence });
    hand.view.log('handed back: this worker is going');
    await toTheFront(job);
    return handBack(job, token);
  }
  const now = parseRecord(await deps.parts.hashOf(hand.task.id));
  if (!now) return { state: 'missing' };
  const isOver = isFinalState(now.parts[hand.index]!.state);
  if (stop.reason === 'lease_lost' || !isOver) {
    deps.metrics.add('darkroom_leases_lost_total', { channel: deps.channelId });
  }
  if (!isOver) {
    await toTheFront(job);
    throw new NotOurs();
  }
  await cancelUpstream(deps, hand, now);
  return ended(deps, now, hand.index);
}

/** Another worker holds the part. BullMQ fails the attempt, if it still can, and the job is taken up again. */
class NotOurs extends Error {
  override name = 'NotOurs';
}

async function handBack(job: Job<GenerationJob>, token: string | undefined): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}

/** A job whose part has moved: its worker may have died before it added the job there. */
async function forwarded(deps: GenerationDeps, task: TaskRecord, part: number): Promise<GenerationResult> {
  const channel = channelOf(task, task.parts[part]!);
  await deps.addJob(channel, task, part);
  return { state: `moved to ${channel}` };
}

/** A job whose part had ended before: its worker died between the end and the job's completion, or it was canceled. */
async function ended(deps: GenerationDeps, task: TaskRecord, part: number): Promise<GenerationResult> {
  for (const orphan of orphansOfCanceled(task)) await deps.listOrphan(orphan);
  if (isFinalStatus(task.status)) await announce(deps, task.id);
  return { state: task.parts[part]!.state };
}

function handOf(
  deps: GenerationDeps,
  task: TaskRecord,
  index: number,
  job: Job<GenerationJob>,
  signal: AbortSignal,
  leaseHolds: () => boolean,
): Hand {
  const channel = deps.catalogue.channels.find(({ id }) => id === deps.channelId);
  const part = task.parts[index];
  if (!channel || !part) throw new InvariantBroken(`${task.id} has no part ${index} or no channel`);
  const view = jobView((news) => deps.showJob(job.id!, news), deps.now);
  return { task, index, part, fence: part.fence, channel, signal, leaseHolds, view, isNoted: false, taskEnded: false };
}

function resultOf({ part, movedTo }: Hand): GenerationResult {
  if (movedTo !== undefined) return { state: `moved to ${movedTo}` };
  if (!isFinalState(part.state)) throw new InvariantBroken(`a part was left in ${part.state}`);
  return {
    state: part.state,
    upstream_task_id: part.upstream_task_id,
    attempts: part.attempt,
    images: part.images?.length ?? 0,
  };
}
