import { describe, expect, test } from 'vitest';
import {
  failureReason,
  isContentRefusal,
  saysChannelFault,
  saysOverload,
  stateOf,
  type UpstreamState,
} from './vocabulary.ts';

describe('the family’s status words are known in every spelling', () => {
  const words: Record<UpstreamState, string> = {
    queued: 'queued pending submitted not_start not_started waiting in_queue',
    running: 'running processing in_progress generating',
    succeeded: 'succeeded success completed',
    failed: 'failed failure error',
    timed_out: 'timeout timed_out expired',
    canceled: 'canceled cancelled',
  };
  test.each(Object.entries(words).flatMap(([state, list]) => list.split(' ').map((word) => [word, state])))(
    '%s is %s',
    (word, state) => {
      const camel = word.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
      const spellings = [word, word.toUpperCase(), word.replaceAll('_', '-'), word.replaceAll('_', ' '), camel];
      for (const spelling of [...spellings, ` ${word}\n`]) expect(stateOf(spelling), spelling).toBe(state);
    },
  );
});

test.each(['', 'pondering', 'unsuccessful', 'constructor', '__proto__', '成功'])('%j is unknown', (word) => {
  expect(stateOf(word)).toBeUndefined();
});

test.each([
  ['content_policy_violation', '', 'content_policy'],
  ['400', 'Your prompt was blocked by our safety system', 'content_policy'],
  ['internal_error', 'blocked for sensitive words', 'content_policy'],
  ['internal_error', 'invalid state', 'temporary'],
  ['invalid_request', 'internal note: size', 'request'],
  ['', 'The server is overloaded, please try again later', 'temporary'],
  ['', 'unsupported aspect ratio', 'request'],
  ['E42', 'nobody knows', 'other'],
] as const)('code %j and message %j are a failure of kind %s', (code, message, reason) => {
  expect(failureReason({ code: code || null, message })).toBe(reason);
});

test.each([
  ...['content_policy', 'content_policy_violation', 'ContentPolicyViolation', 'content-violation', 'policy_violation'],
  ...['content_filter', 'content_filter_blocked', 'moderation_blocked', 'content_moderation_rejected'],
  ...['SAFETY', 'IMAGE_SAFETY', 'PROHIBITED_CONTENT', 'nsfw_content_detected', 'sensitive_words'],
  ...['InputTextSensitiveContentDetected', 'ResponsibleAIPolicyViolation', 'safety_violation', 'blocked_by_safety'],
])('the code %j alone says that the content was refused', (code) => expect(isContentRefusal(['500', code])).toBe(true));

test.each([
  ...['', '500', 'internal_error', 'policy', 'content', 'content_moderation', 'moderation_unavailable'],
  ...['content_policy_check_failed', 'safety_service_timeout', 'rate_policy_violation', 'violation'],
  ...['Your request violates the content policy', 'insensitive', 'content_too_large'],
])('the code %j does not', (code) => expect(isContentRefusal([code])).toBe(false));

test.each([
  'insufficient_quota',
  'Insufficient balance',
  'quota exceeded',
  'invalid_api_key',
  'Unauthorized',
  '账户余额不足',
])('%j is the channel’s fault', (message) => expect(saysChannelFault({ code: null, message })).toBe(true));

test.each(['rate_limit_exceeded', 'Too Many Requests', '请求过于频繁', '系统繁忙', 'concurrency limit reached'])(
  '%j asks for a pause',
  (message) => expect(saysOverload({ code: null, message })).toBe(true),
);
