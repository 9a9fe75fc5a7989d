import { queryBody } from '../protocol/answers.ts';
import { noSuchTask, playedRefusals, type Refusal, sendJson, sendRefusal } from '../protocol/refusal.ts';
import { phaseAt } from '../records/upstreamTask.ts';
import { keyIndexOf, taskOf, type Upstream } from '../upstream.ts';
import type { Exchange } from './faults.ts';

const alreadyFinished: Refusal = { status: 409, code: 'task_already_finished', message: 'the task has ended' };

/** POST /v1/images/tasks/{id}/cancel. Not every upstream has it: `supportsCancel`. */
export async function cancel(upstream: Upstream, { req, res }: Exchange, id: string): Promise<void> {
  const { error_body: errorBody } = upstream.behaviourOf({});
  const keyIndex = keyIndexOf(upstream, req.headers.authorization);
  if (keyIndex === undefined) return sendRefusal(res, playedRefusals['401'], errorBody);
  const task = taskOf(upstream, id, keyIndex);
  if (!task || !upstream.supportsCancel) return sendRefusal(res, noSuchTask, errorBody);
  const now = upstream.now();
  const { phase } = phaseAt(task, now);
  task.cancels += 1;
  const inTime = phase === 'queued' || phase === 'running';
  if (inTime) task.canceledAt = now;
  upstream.ledger.changed();
  if (!inTime) return sendRefusal(res, alreadyFinished, errorBody);
  sendJson(res, 200, queryBody(task, upstream.behaviourOf(task.own), now, null));
}
