import type { QueryOutcome, Submission, SubmitOutcome, UpstreamClient, UpstreamSettings } from '../client.ts';
import { AnswerCutOff, BrokenOff, exchange, NotSent, reasonOf, upstreamAgent } from '../exchange.ts';
import { readQuery } from './readQuery.ts';
import { readSubmit } from './readSubmit.ts';
import { submitBody } from './submitBody.ts';

/** The asynchronous image tasks of the Nano series: `POST /v1/images/tasks`, `GET /v1/images/tasks/{id}`. */
export function nanoTasksClient(settings: UpstreamSettings): UpstreamClient {
  const { channel, api_key, timeouts, answer_bytes_max, now } = settings;
  const agent = upstreamAgent(timeouts);
  const tasksUrl = `${channel.base_url}/v1/images/tasks`;
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
        return readSubmit(await exchange(agent, tasksUrl, wanted, answer_bytes_max), now());
      } catch (error) {
        if (error instanceof BrokenOff) throw error.cause;
        signal.throwIfAborted();
        return outcomeOfFailedPost(error);
      }
    },
    async query(upstreamTaskId: string, signal: AbortSignal): Promise<QueryOutcome> {
      const url = `${tasksUrl}/${encodeURIComponent(upstreamTaskId)}`;
      try {
        const answer = await exchange(agent, url, { method: 'GET', headers: authorization, signal }, answer_bytes_max);
        return readQuery(answer, channel.base_url, now());
      } catch (error) {
        signal.throwIfAborted();
        return { kind: 'unavailable', why: reasonOf(error) };
      }
    },
    async cancel(upstreamTaskId: string, signal: AbortSignal): Promise<void> {
      const url = `${tasksUrl}/${encodeURIComponent(upstreamTaskId)}/cancel`;
      const wanted = { method: 'POST' as const, headers: authorization, signal };
      const { status } = await exchange(agent, url, wanted, answer_bytes_max);
      if (status >= 300) throw new Error(`the upstream answered ${status}`);
    },
    close: () => agent.destroy(),
  };
}

function outcomeOfFailedPost(error: unknown): SubmitOutcome {
  if (error instanceof NotSent) return { kind: 'not_accepted', why: `no connection: ${error.message}`, said: null };
  // A refusal whose body was cut off is a refusal all the same: its status says so.
  if (error instanceof AnswerCutOff && error.status >= 400 && error.status < 500) {
    return readSubmit({ status: error.status, headers: {}, text: '' }, 0);
  }
  return { kind: 'unknown', why: `no answer after the request left: ${reasonOf(error)}` };
}
