import type { Behaviour } from '../behaviour/directives.ts';
import { readBehaviour, splitPrompt } from '../behaviour/directiveText.ts';
import { submissionBody } from '../protocol/answers.ts';
import { readBody, type SubmissionBody } from '../protocol/body.ts';
import { type Order, readOrder } from '../protocol/order.ts';
import { playedRefusals, type Refusal, Refused, sendJson, sendRefusal } from '../protocol/refusal.ts';
import { keptFields } from '../records/keptFields.ts';
import type { Submission } from '../records/ledger.ts';
import { startTask, type UpstreamTask } from '../records/upstreamTask.ts';
import { keyIndexOf, type Upstream } from '../upstream.ts';
import { type Exchange, isRefusal, playGarbage, playPage, playRefusal, playReset, slowMs, wait } from './faults.ts';

/** POST /v1/images/tasks: record, judge, accept, answer; a fault may take the place of any of these. */
export async function submit(upstream: Upstream, exchange: Exchange): Promise<void> {
  const { req, res } = exchange;
  const body = await bodyOrRefusal(upstream, exchange);
  const submission = record(upstream, exchange, 'fields' in body ? body : { fields: {}, files: [] });
  const answered = (outcome: string, status: number | null) => {
    Object.assign(submission, { outcome, status });
    upstream.answered(submission);
  };
  const { own, text, problems } = readDirectives(submission.prompt, headerOf(exchange, 'x-sim'));
  const behaviour = upstream.behaviourOf(own);
  const refuse = (refusal: Refusal) => {
    sendRefusal(res, refusal, behaviour.error_body);
    answered(`refused:${refusal.code}`, refusal.status);
  };
  if (!('fields' in body)) return refuse(body);
  const keyIndex = keyIndexOf(upstream, req.headers.authorization);
  if (keyIndex === undefined) return refuse(playedRefusals['401']);
  if (problems.length > 0) return refuse({ status: 400, code: 'invalid_directive', message: problems.join('; ') });
  await upstream.gates.pass('submit', submission.prompt);
  const fault = strikes(behaviour, submission.ordinal) ? behaviour.submit : 'ok';
  const before = playBefore(exchange, fault, behaviour);
  if (before !== undefined) return answered(fault, before);
  const order = orderOrRefusal(() => readOrder(body, text, upstream.models, behaviour));
  if (!('model' in order)) return refuse(order);
  const { task, repeated } = accept(upstream, submission, { order, own, behaviour, keyIndex });
  submission.upstreamTaskId = task.id;
  upstream.ledger.changed();
  await upstream.gates.pass('submit_answer', submission.prompt);
  const after = playAfter(exchange, fault);
  if (after !== undefined) return answered(fault, after);
  const delay = slowMs(fault);
  if (delay !== undefined) await wait(delay, exchange);
  sendJson(res, 200, submissionBody(task, behaviour));
  answered(repeated ? 'repeated' : 'accepted', 200);
}

async function bodyOrRefusal(upstream: Upstream, { req }: Exchange): Promise<SubmissionBody | Refusal> {
  try {
    return await readBody(req, upstream.maxBodyBytes);
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

function orderOrRefusal(read: () => Order): Order | Refusal {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

function record(upstream: Upstream, exchange: Exchange, { fields, files }: SubmissionBody): Submission {
  const uploaded = files.length > 0 ? { files: files.map(({ bytes }) => bytes.length) } : {};
  return upstream.ledger.arrive({
    at: upstream.now(),
    prompt: typeof fields.prompt === 'string' ? fields.prompt : '',
    fields: { ...keptFields(fields), ...uploaded },
    idempotencyKey: headerOf(exchange, 'idempotency-key') ?? null,
    keyIndex: keyIndexOf(upstream, exchange.req.headers.authorization) ?? null,
  });
}

function headerOf({ req }: Exchange, name: string): string | undefined {
  const value = req.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The prompt's directives and the header's on top of them. */
function readDirectives(prompt: string, header: string | undefined) {
  const { text, directive } = splitPrompt(prompt);
  if (directive === '' && header === undefined) return { own: {}, text, problems: [] };
  const { behaviour: own, problems } = readBehaviour(`${directive} ${header ?? ''}`);
  return { own, text, problems };
}

const strikes = ({ times }: Behaviour, ordinal: number) => times === 0 || ordinal <= times;

/** Plays the faults that accept nothing. @returns the status sent, null for none, undefined for any other fault */
function playBefore(exchange: Exchange, fault: string, behaviour: Behaviour): number | null | undefined {
  if (isRefusal(fault)) return playRefusal(exchange, fault, behaviour, behaviour.submit_code);
  switch (fault) {
    case '500html':
      return playPage(exchange, 500);
    case 'error2xx': {
      const code = behaviour.submit_code === 'default' ? 'internal_error' : behaviour.submit_code;
      sendRefusal(exchange.res, { status: 200, code, message: 'the task was not accepted' }, behaviour.error_body);
      return 200;
    }
    case 'reset_before':
      playReset(exchange);
      return null;
    case 'hang':
      return null;
    default:
      return undefined;
  }
}

/** Plays the faults of an answer to a task that was accepted. */
function playAfter(exchange: Exchange, fault: string): number | null | undefined {
  switch (fault) {
    case 'reset_after':
      playReset(exchange);
      return null;
    case 'hang_after':
      return null;
    case 'empty2xx':
      sendJson(exchange.res, 200, { code: 'success', message: '', data: {} });
      return 200;
    case 'garbage2xx':
      return playGarbage(exchange);
    default:
      return undefined;
  }
}

type Acceptance = { order: Order; own: Partial<Behaviour>; behaviour: Behaviour; keyIndex: number };

/** Makes the task, or finds the one that the same idempotency key made before. */
function accept(
  upstream: Upstream,
  { prompt, idempotencyKey }: Submission,
  acceptance: Acceptance,
): { task: UpstreamTask; repeated: boolean } {
  const { ledger, gallery, now, seed } = upstream;
  const { keyIndex, behaviour } = acceptance;
  if (idempotencyKey !== null && behaviour.accept_key === 'on') {
    const made = ledger.findByIdempotencyKey(keyIndex, idempotencyKey);
    if (made) return { task: made, repeated: true };
  }
  const generation = ledger.nextGeneration(prompt);
  const task = startTask({ ...acceptance, prompt, idempotencyKey, seed, generation, now: now() });
  ledger.keep(task);
  if (task.references === 'loading') void gallery.loadReferences(task).then(ledger.changed);
  return { task, repeated: false };
}
