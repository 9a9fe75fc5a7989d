import type { QueryOutcome } from '../client.ts';
import type { Answer } from '../exchange.ts';
import {
  asMembers,
  asText,
  errorMemberOf,
  errorOf,
  type Members,
  membersOf,
  namesTask,
  retryAfterMs,
  taskOf,
} from './readAnswer.ts';
import { resultsOf } from './readResults.ts';
import { failureReason, type Said, saysNotFound, saysTemporary, stateOf } from './vocabulary.ts';

/** What an answered query tells of a task. Every HTTP status and every body has an outcome here. */
export function readQuery({ status, headers, text }: Answer, baseUrl: string, now_ms: number): QueryOutcome {
  const members = membersOf(text);
  const retry_after_ms = retryAfterMs(headers['retry-after'], now_ms);
  const unavailable = (why: string): QueryOutcome => ({ kind: 'unavailable', why, retry_after_ms });
  if (status === 404 || status === 410) return { kind: 'not_found' };
  const word = members && statusWord(members);
  if (status < 200 || status >= 300) {
    const said = members && errorOf(members);
    if ((status === 400 || status === 422) && said && saysNotFound(said)) return { kind: 'not_found' };
    return unavailable(`the upstream answered ${status}`);
  }
  if (!members) return unavailable('the answer cannot be read');
  if (word === undefined) return withoutStatus(members, baseUrl) ?? unavailable('the answer tells no status');
  return readStatus(word, members, baseUrl, retry_after_ms);
}

function readStatus(word: string, members: Members, baseUrl: string, retry_after_ms: number | undefined): QueryOutcome {
  const state = stateOf(word);
  switch (state) {
    case 'succeeded':
      return { kind: 'succeeded', results: resultsOf(members, baseUrl) };
    case 'failed':
      return failed(members);
    case 'timed_out':
      return { kind: 'failed', reason: 'temporary', said: { ...failedWords(members, word), status: null } };
    case 'canceled':
      return { kind: 'failed', reason: 'other', said: { ...failedWords(members, word), status: null } };
    default: {
      const unknown = state === undefined ? { unknown_word: word.slice(0, 40) } : {};
      return { kind: 'running', progress: progressOf(members), ...unknown, retry_after_ms };
    }
  }
}

/** An answer without a status: an error (also "no such task"), or results that speak for themselves. */
function withoutStatus(members: Members, baseUrl: string): QueryOutcome | undefined {
  const said = errorOf(members);
  const results = resultsOf(members, baseUrl);
  if (results.length > 0 && !said?.code) return { kind: 'succeeded', results };
  if (!said) return undefined;
  if (said.code === '404' || saysNotFound(said)) return { kind: 'not_found' };
  if (saysTemporary(said)) return { kind: 'unavailable', why: 'the upstream answered with an error' };
  // An error of the query itself and of the task look alike here; only one that names the task ends it.
  return taskOf(members).task_id === undefined ? undefined : failed(members);
}

function failed(members: Members): QueryOutcome {
  const said = failedWords(members, null);
  // `{"status": "error", "message": "task not found"}` speaks of the query, not of a task.
  if (!namesTask(members) && saysNotFound(said)) return { kind: 'not_found' };
  return { kind: 'failed', reason: failureReason(said), said: { ...said, status: null } };
}

/** Why a task failed: what the task itself says comes before what the envelope says of the query. */
function failedWords(members: Members, word: string | null): Said {
  const inner = taskOf(members);
  const reason =
    asText(inner.fail_reason) ?? asText(inner.failure_reason) ?? asText(inner.error_message) ?? asText(inner.reason);
  const own = inner === members ? undefined : asText(inner.message);
  const code = asText(inner.error_code) ?? asText(inner.code) ?? word;
  const message = reason ?? own;
  const told = errorMemberOf(members) ?? (message ? { code, message } : errorOf(members));
  return told ?? { code, message: asText(inner.message) ?? null };
}

function statusWord(members: Members): string | undefined {
  const inner = taskOf(members);
  return (
    asText(inner.status) ??
    asText(inner.state) ??
    asText(inner.task_status) ??
    asText(asMembers(inner.task)?.status) ??
    asText(members.status)
  );
}

/** Progress in percent, from `"45%"`, `45` or `0.45`; undefined when none is told. */
function progressOf(members: Members): number | undefined {
  const { progress } = taskOf(members);
  const text = asText(progress);
  const match = text && /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text);
  if (!match) return undefined;
  const value = Number(match[1]);
  const isFraction = typeof progress === 'number' && value > 0 && value < 1;
  return Math.max(0, Math.min(100, Math.round(isFraction ? value * 100 : value)));
}
