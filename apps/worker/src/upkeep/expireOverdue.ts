import { isFinalStatus, jobIdOf, type PartState, readTask, unlessTooNew } from '@darkroom/shared/tasks';
import { announce } from '../generation/announce.ts';
import { taskEnded } from '../generation/figures.ts';
import { lateError } from '../generation/pastDeadline.ts';
import type { UpkeepDeps } from './deps.ts';
import type { OpenTask } from './openTasks.ts';

/** A part whose channel is no longer configured here may be in the hand of a worker with an older configuration. */
const foreignGraceMs = 60_000;

/**
 * Ends parts that wait in the queue past their task's deadline. One that a worker holds is left to it.
 * @returns how many parts were ended
 */
export async function expireOverdue(deps: UpkeepDeps, tasks: readonly OpenTask[]): Promise<number> {
  let expired = 0;
  for (const task of tasks) {
    const late_ms = deps.now() - task.deadline_at_ms;
    if (late_ms <= 0) continue;
    for (const part of task.parts) {
      const only = mayLeave(deps, part, late_ms);
      if (only.includes(part.state) && (await isWaiting(deps, task, part))) {
        expired += await expire(deps, task, part.index, only);
      }
    }
  }
  return expired;
}

type OpenPart = OpenTask['parts'][number];

/** The states in which a part is nobody's: waiting; or any, when there is no worker for its channel any more. */
function mayLeave({ queues }: UpkeepDeps, { channel }: OpenPart, late_ms: number): readonly PartState[] {
  if (queues.has(channel)) return ['queued'];
  return late_ms > foreignGraceMs ? ['queued', 'submitting', 'running', 'storing'] : [];
}

async function isWaiting({ queues }: UpkeepDeps, task: OpenTask, { index, channel }: OpenPart): Promise<boolean> {
  return (await queues.get(channel)?.getJobState(jobIdOf(task.id, index))) !== 'active';
}

/**
 * Ends one part. It is written under the fence that was read and from the waiting states alone: a worker that has taken
 * the part since has raised the fence, or its next write finds the part ended before it has posted anything.
 */
async function expire(deps: UpkeepDeps, { id }: OpenTask, index: number, only: readonly PartState[]): Promise<number> {
  const { records, parts, queues, workerId } = deps;
  if (await deps.keptEnd(id)) return 0;
  const task = await readTask(records, id).catch(unlessTooNew);
  const part = task?.parts[index];
  if (!task || !part) return 0;
  const error = lateError(part);
  const name = error.code === 'deadline_exceeded' ? 'expire' : 'fail';
  const note = `${workerId} sweep: ${error.code}`;
  const held = { id, part: index, fence: part.fence };
  // Nobody is left who could settle a post: what became of it stays unknown.
  const unknowns = part.unknowns + Number(part.state === 'submitting' || deps.isDoubtful(task));
  const answer = await parts.change(held, name, { now_ms: deps.now(), part: { error, unknowns }, note, only });
  if (answer.word !== 'changed') return 0;
  await queues.get(part.channel ?? task.channel)?.remove(jobIdOf(id, index));
  if (isFinalStatus(answer.status)) await announce(deps, id, (ended) => taskEnded(deps.metrics, ended));
  return 1;
}
