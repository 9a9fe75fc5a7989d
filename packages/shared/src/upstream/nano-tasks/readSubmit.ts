import type { SubmitOutcome } from '../client.ts';
import type { Answer } from '../exchange.ts';
import {
  asMembers,
  asText,
  codesOf,
  errorMemberOf,
  errorOf,
  type Members,
  membersOf,
  retryAfterMs,
  taskOf,
} from './readAnswer.ts';
import {
  isContentRefusal,
  type Said,
  saysChannelFault,
  saysContentPolicy,
  saysOverload,
  saysTemporary,
} from './vocabulary.ts';

/** What an answered post says became of it. Every HTTP status and every body has an outcome here. */
export function readSubmit({ status, headers, text }: Answer, now_ms: number): SubmitOutcome {
  const members = membersOf(text);
  const said = members && errorOf(members);
  const waitMs = retryAfterMs(headers['retry-after'], now_ms);
  const words = { status, code: said?.code ?? null, message: said?.message ?? null };
  if (status < 200 || status >= 300) return readRefusal(status, members, words, waitMs);
  if (!members) return { kind: 'unknown', why: 'the upstream accepted with an answer that cannot be read' };
  const id = taskIdOf(members);
  if (id) return { kind: 'accepted', upstream_task_id: id };
  if (!said) return { kind: 'unknown', why: 'the upstream accepted without naming its task' };
  // Gateways of this market answer 200 and put the status they mean into `code`.
  if (/^[45]\d\d$/.test(said.code ?? '')) return readRefusal(Number(said.code), members, words, waitMs);
  return readError(said, words, waitMs);
}

type Words = { status: number } & Said;

function readRefusal(
  status: number,
  members: Members | undefined,
  words: Words,
  waitMs: number | undefined,
): SubmitOutcome {
  const said = members && errorOf(members);
  // Some put a fault of the request under a status that says it is theirs: tried again it is refused again.
  if (status >= 500 && members && isContentRefusal(codesOf(members))) {
    return { kind: 'refused', code: 'content_policy', said: words };
  }
  if (status === 429) {
    // Some gateways of this market answer 429 for an empty account; waiting does not fill it.
    if (said && saysChannelFault(said) && !saysOverload(said)) return { kind: 'refused_channel', said: words };
    return { kind: 'not_now', retry_after_ms: waitMs, said: words };
  }
  if (status === 503 && waitMs !== undefined) return { kind: 'not_now', retry_after_ms: waitMs, said: words };
  if (status === 401 || status === 402 || status === 403) {
    if (status === 403 && said && saysContentPolicy(said))
      return { kind: 'refused', code: 'content_policy', said: words };
    return { kind: 'refused_channel', said: words };
  }
  if (status >= 500) {
    if (said) return { kind: 'not_accepted', why: `the upstream answered ${status}`, said: words };
    return { kind: 'unknown', why: `the upstream answered ${status} without a readable error` };
  }
  // 408 and 425 say that it was not taken in; 409 that the same attempt is being looked at; 3xx that nobody is there.
  if (status < 400 || status === 408 || status === 409 || status === 425) {
    return { kind: 'not_accepted', why: `the upstream answered ${status}`, said: words };
  }
  return refusal(said, words);
}

/** An error in an answer whose status says that all is well: its words must tell. */
function readError(said: Said, words: Words, waitMs: number | undefined): SubmitOutcome {
  if (saysOverload(said)) return { kind: 'not_now', retry_after_ms: waitMs, said: words };
  if (saysChannelFault(said)) return { kind: 'refused_channel', said: words };
  if (!saysContentPolicy(said) && saysTemporary(said)) {
    return { kind: 'not_accepted', why: 'the upstream answered with an error', said: words };
  }
  return refusal(said, words);
}

function refusal(said: Said | undefined, words: Words): SubmitOutcome {
  if (said && saysContentPolicy(said)) return { kind: 'refused', code: 'content_policy', said: words };
  // Only the code counts here: a message may quote the prompt, and no prompt may shut a channel.
  if (words.status === 400 && saysChannelFault({ code: said?.code ?? null, message: null })) {
    return { kind: 'refused_channel', said: words };
  }
  return { kind: 'refused', code: 'upstream_refused', said: words };
}

/** The upstream's id of the task, from wherever this market puts it. */
function taskIdOf(answer: Members): string | undefined {
  const inner = taskOf(answer);
  const named = asText(inner.task_id) ?? asText(answer.task_id) ?? asText(inner.taskId) ?? asText(answer.taskId);
  const found = named ?? asText(asMembers(inner.task)?.id) ?? bareIdOf(answer, inner);
  return found && found.length <= 256 ? found : undefined;
}

/** An id without a name: beside an error it would be the request's, and text in `data` an explanation. */
function bareIdOf(answer: Members, inner: Members): string | undefined {
  if (errorMemberOf(answer)) return undefined;
  if (inner !== answer) return asText(inner.id);
  if (errorOf(answer)) return undefined;
  const data = asText(answer.data);
  return asText(answer.id) ?? (data && /^\S+$/.test(data) ? data : undefined);
}
