import type { Behaviour } from '../behaviour/directives.ts';
import { queryBody, type Shown } from '../protocol/answers.ts';
import { noSuchTask, playedRefusals, sendJson, sendRefusal } from '../protocol/refusal.ts';
import { phaseAt, type UpstreamTask } from '../records/upstreamTask.ts';
import { keyIndexOf, taskOf, type Upstream } from '../upstream.ts';
import {
  type Exchange,
  isRefusal,
  playEndless,
  playGarbage,
  playPage,
  playRefusal,
  playReset,
  slowMs,
  wait,
} from './faults.ts';
import { resultUrl } from './resultUrl.ts';

/** GET /v1/images/tasks/{id} */
export async function query(upstream: Upstream, exchange: Exchange, id: string): Promise<void> {
  const { req, res } = exchange;
  const { error_body: errorBody } = upstream.behaviourOf({});
  const keyIndex = keyIndexOf(upstream, req.headers.authorization);
  if (keyIndex === undefined) return sendRefusal(res, playedRefusals['401'], errorBody);
  const task = taskOf(upstream, id, keyIndex);
  if (!task) return sendRefusal(res, noSuchTask, errorBody);
  task.polls += 1;
  const poll = task.polls;
  upstream.ledger.changed();
  await upstream.gates.pass('poll', task.prompt);
  const behaviour = upstream.behaviourOf(task.own);
  if (upstream.now() - task.createdAt < behaviour.notfound) return sendRefusal(res, noSuchTask, behaviour.error_body);
  const fault = strikes(behaviour, poll) ? behaviour.poll : 'ok';
  if (playFault(exchange, fault, behaviour)) return;
  const delay = slowMs(fault);
  if (delay !== undefined) await wait(delay, exchange);
  await answer(upstream, exchange, task, fault === behaviour.poll ? behaviour : { ...behaviour, poll: fault });
}

function strikes({ after, poll_times: times }: Behaviour, poll: number): boolean {
  return poll > after && (times === 0 || poll <= after + times);
}

/** @returns whether the fault took the place of the answer */
function playFault(exchange: Exchange, fault: Behaviour['poll'], behaviour: Behaviour): boolean {
  if (isRefusal(fault)) return Boolean(playRefusal(exchange, fault, behaviour, 'default'));
  switch (fault) {
    case '500html':
      return Boolean(playPage(exchange, 500));
    case 'html':
      return Boolean(playPage(exchange, 200));
    case 'garbage':
      return Boolean(playGarbage(exchange));
    case 'endless':
      return Boolean(playEndless(exchange, 'application/json', '{"code":"success","message":"","data":'));
    case 'reset':
      playReset(exchange);
      return true;
    case 'hang':
      return true;
    case 'forgets':
      sendRefusal(exchange.res, noSuchTask, behaviour.error_body);
      return true;
    default:
      return false;
  }
}

async function answer(upstream: Upstream, exchange: Exchange, task: UpstreamTask, behaviour: Behaviour): Promise<void> {
  const now = upstream.now();
  const { phase } = phaseAt(task, now);
  const shown = phase === 'succeeded' ? await show(upstream, exchange, task, behaviour, now) : null;
  const body = queryBody(task, behaviour, now, shown);
  if (shown) task.toldAt ??= now;
  // What was taken back is given again by the next answer.
  task.shownRunning = phase === 'running' && !(behaviour.poll === 'backwards' && task.shownRunning);
  sendJson(exchange.res, 200, body);
}

async function show(
  { gallery }: Upstream,
  { req }: Exchange,
  task: UpstreamTask,
  { shape, expire }: Behaviour,
  now: number,
): Promise<Shown> {
  const indexes = Array.from({ length: task.order.n }, (_, index) => index);
  const inline = shape === 'b64_json' || shape === 'data_uri' || (shape === 'result_url' && task.order.inline);
  if (!inline) {
    // The address under which the client reached this simulator is the one it can fetch from.
    const base = `http://${req.headers.host}`;
    return { urls: indexes.map((index) => resultUrl(base, task, index, expire > 0 ? now : null)) };
  }
  const pictures = await Promise.all(indexes.map((index) => gallery.picture(task, index)));
  return { base64: pictures.map((bytes) => bytes.toString('base64')), mediaType: `image/${task.order.outputFormat}` };
}
