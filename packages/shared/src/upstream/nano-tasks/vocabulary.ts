import type { FailureReason } from '../client.ts';

export type UpstreamState = 'queued' | 'running' | 'succeeded' | 'failed' | 'timed_out' | 'canceled';

/** Without what separates their parts: `in_progress`, `IN-PROGRESS` and `InProgress` are one word. */
const words: Record<UpstreamState, readonly string[]> = {
  queued: [
    ...['queued', 'queueing', 'inqueue', 'pending', 'submitted', 'notstart', 'notstarted', 'waiting', 'created'],
    ...['accepted', 'scheduled', 'init', 'starting'],
  ],
  running: ['running', 'processing', 'inprogress', 'generating', 'started', 'working'],
  succeeded: ['succeeded', 'success', 'completed', 'complete', 'succeed', 'done', 'finished', 'finish', 'ready'],
  failed: ['failed', 'failure', 'error', 'fail', 'rejected', 'blocked'],
  timed_out: ['timeout', 'timedout', 'expired'],
  canceled: ['canceled', 'cancelled', 'cancel', 'aborted', 'terminated'],
};

const stateOfWord = new Map(
  Object.entries(words).flatMap(([state, list]) => list.map((word) => [word, state as UpstreamState] as const)),
);

/** What a status word means, in any case and with spaces or dashes for underscores; undefined for an unknown one. */
export function stateOf(word: string): UpstreamState | undefined {
  return stateOfWord.get(
    word
      .trim()
      .toLowerCase()
      .replace(/[\s_-]+/g, ''),
  );
}

// Codes and messages are matched as words, since every vendor of this market spells its own.
const contentPolicy =
  /content[_ -]?(policy|filter|moderation|violation)|moderation|safety|sensitive|nsfw|prohibited|policy[_ -]?violation|blocked by|risk[_ -]?control|违规|敏感|审核/i;
const channelFault =
  /insufficient[_ -]?(quota|balance|credit|funds)|quota[_ -]?(exceeded|exhausted)|balance|billing|payment[_ -]?required|arrears|unauthori[sz]ed|invalid[_ -]?(api[_ -]?)?key|authentication|permission[_ -]?denied|forbidden|account[_ -]?(disabled|suspended)|余额|欠费|鉴权/i;
const overload =
  /rate[_ -]?limit|too[_ -]?many[_ -]?requests|overload|throttl|busy|concurrency|capacity|queue[_ -]?full|频率|频繁|繁忙/i;
const temporary = /internal|temporar|timeout|timed[_ -]?out|unavailable|server[_ -]?error|try again|retry|超时|稍后/i;
const badRequest =
  /invalid|unsupported|not[_ -]?supported|bad[_ -]?request|missing|required|out[_ -]?of[_ -]?range|too[_ -]?(large|long)|param|argument|参数/i;
const notFound = /not[_ -]?(found|exist)|does[_ -]?n.?t exist|no such task|unknown task|task_not|不存在/i;

// Of codes without their separators. A code that may also mean that whoever judges contents is out of order
// (`moderation_unavailable`, `content_moderation`) is not among them.
const contentRefusal =
  /^((content|usage|safety|responsibleai)?policy|content|safety|moderation|contentmoderation|contentfilter)(violation|violated|blocked|rejected|refused)$|sensitive(content|words?)(detected|blocked)?$|^(contentpolicy|contentfilter(ed)?|(image)?safety|prohibitedcontent|blockedbysafety|nsfw(content)?(detected)?)$/;

/** Whether one of an error's codes says, alone and unmistakably, that the content was refused. */
export const isContentRefusal = (codes: readonly string[]) =>
  codes.some((code) => contentRefusal.test(code.toLowerCase().replace(/[^a-z]/g, '')));

export type Said = { code: string | null; message: string | null };

const textOf = ({ code, message }: Said) => `${code ?? ''} ${message ?? ''}`;

export const saysContentPolicy = (said: Said) => contentPolicy.test(textOf(said));
export const saysChannelFault = (said: Said) => channelFault.test(textOf(said));
export const saysOverload = (said: Said) => overload.test(textOf(said));
export const saysTemporary = (said: Said) => temporary.test(textOf(said)) || saysOverload(said);
export const saysNotFound = (said: Said) => notFound.test(textOf(said));

/** Why an upstream task failed, as far as its words tell. The code speaks before the message. */
export function failureReason(said: Said): FailureReason {
  if (saysContentPolicy(said)) return 'content_policy';
  for (const part of [{ code: said.code, message: null }, said]) {
    if (saysTemporary(part)) return 'temporary';
    if (badRequest.test(textOf(part))) return 'request';
  }
  return 'other';
}
