import type { QueryOutcome, Submission, SubmitOutcome, UpstreamClient, UpstreamSettings } from '../client.ts';
import {
  type Answer,
  AnswerCutOff,
  BrokenOff,
  type Exchange,
  exchange,
  NotSent,
  reasonOf,
  upstreamAgent,
} from '../exchange.ts';
import { readQuery } from './readQuery.ts';
import { readSubmit } from './readSubmit.ts';
import { submitBody } from './submitBody.ts';

/** The asynchronous image tasks of the Nano series: `POST /v1/images/tasks`, `GET /v1/images/tasks/{id}`. */
export function nanoTasksClient(settings: UpstreamSettings): UpstreamClient {
  const { channel, api_key, timeouts, answer_bytes_max, now } = settings;
  const agent = upstreamAgent(timeouts);
  const tasksUrl = `${channel.base_url}/v1/images/tasks`;
  const ask = async (url: string, wanted: Exchange) =>
    withoutKey(await exchange(agent, url, wanted, answer_bytes_max), api_key);
  const authorization = { authorization: `Bearer ${api_key}`, accept: 'application/json' };
  return {
    async submit(submission: Submission, signal: AbortSignal, lastCheck: () => Promise<void>): Promise<SubmitOutcome> {
      const { contentType, body } = await submitBody(submission, channel.inputs);
      const headers = {
        ...authorization,
        'content-type': contentType,
        'idempotency-key': submission.idempotency_key,
      };
      const wanted = { method: 'POST' as const, headers, body, signal, lastCheck };
      try {
        return readSubmit(await ask(tasksUrl, wanted), now());
      } catch (error) {
        if (error instanceof BrokenOff) throw error.cause;
        signal.throwIfAborted();
        return outcomeOfFailedPost(error);
      }
    },
    async query(upstreamTaskId: string, signal: AbortSignal): Promise<QueryOutcome> {
      const url = `${tasksUrl}/${encodeURIComponent(upstreamTaskId)}`;
      try {
        const answer = await ask(url, { method: 'GET', headers: authorization, signal });
        return readQuery(answer, channel.base_url, now());
      } catch (error) {
        signal.throwIfAborted();
        return { kind: 'unavailable', why: reasonOf(error) };
      }
    },
    async cancel(upstreamTaskId: string, signal: AbortSignal): Promise<void> {
      const url = `${tasksUrl}/${encodeURIComponent(upstreamTaskId)}/cancel`;
      const wanted = { method: 'POST' as const, headers: authorization, signal };
      const { status } = await ask(url, wanted);
      if (status >= 300) throw new Error(`the upstream answered ${status}`);
    },
    close: () => agent.destroy(),
  };
}

/**
 * An answer in which the channel's key does not stand: upstreams of this market repeat it in their errors, and what they
 * say is kept and shown to clients. Some JSON writers escape the slash.
 */
function withoutKey(answer: Answer, key: string): Answer {
  const text = answer.text.replaceAll(key, '[hidden]').replaceAll(key.replaceAll('/', '\\/'), '[hidden]');
  return { ...answer, text };
}

function outcomeOfFailedPost(error: unknown): SubmitOutcome {
  if (error instanceof NotSent) return { kind: 'not_accepted', why: `no connection: ${error.message}`, said: null };
  // A refusal whose body was cut off is a refusal all the same: its status says so.
  if (error instanceof AnswerCutOff && error.status >= 400 && error.status < 500) {
    return readSubmit({ status: error.status, headers: {}, text: '' }, 0);
  }
  return { kind: 'unknown', why: `no answer after the request left: ${reasonOf(error)}` };
}
