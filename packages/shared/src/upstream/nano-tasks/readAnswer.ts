import { z } from 'zod';
import type { Said } from './vocabulary.ts';

const Text = z.union([z.string(), z.number()]).transform(String);
const Members = z.record(z.string(), z.unknown());
export type Members = z.infer<typeof Members>;

/** Longest piece of an upstream's words that is kept: they are outside data, shown to clients. */
const wordsMax = 500;

/** An answer's JSON object, or undefined when it is not one. */
export function membersOf(text: string): Members | undefined {
  try {
    return Members.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export const asMembers = (value: unknown): Members | undefined => Members.safeParse(value).data;

/** A string or number as text, trimmed and bounded; undefined for anything else or nothing. */
export function asText(value: unknown): string | undefined {
  const text = Text.safeParse(value).data?.trim();
  return text ? text.slice(0, wordsMax) : undefined;
}

/** The object that speaks of the task: `data` (an object, or the first of a list), else the answer itself. */
export function taskOf(answer: Members): Members {
  const { data } = answer;
  return asMembers(Array.isArray(data) ? data[0] : data) ?? answer;
}

/** Words that `code` may hold without meaning an error. */
const fine = new Set(['success', 'ok', '200', '0', '201', '202', 'accepted']);

/**
 * The error an answer tells, in any of the shapes of this market: `{code, message}`, `{error: {message, type, code}}`,
 * `{error: "…"}`, `{detail}`, `{msg}`, or the same within `data`. Undefined when it tells none.
 */
export function errorOf(answer: Members): Said | undefined {
  const inner = taskOf(answer);
  return wordsOf(answer.error) ?? wordsOf(inner.error) ?? codeAndMessage(answer);
}

function wordsOf(error: unknown): Said | undefined {
  const text = asText(error);
  if (text) return { code: null, message: text };
  const members = asMembers(error);
  if (!members) return undefined;
  const code = asText(members.code) ?? asText(members.type) ?? asText(members.status) ?? asText(members.reason) ?? null;
  const message = asText(members.message) ?? asText(members.msg) ?? asText(members.detail) ?? null;
  return code || message ? { code, message } : undefined;
}

function codeAndMessage(answer: Members): Said | undefined {
  const code = asText(answer.code) ?? null;
  if (code && fine.has(code.toLowerCase())) return undefined;
  const message =
    asText(answer.message) ?? asText(answer.msg) ?? asText(answer.detail) ?? asText(answer.fail_reason) ?? null;
  if (!code && !message) return undefined;
  // A bare message beside a task is a remark, not an error.
  if (!code && (answer.task_id !== undefined || answer.id !== undefined)) return undefined;
  return { code, message };
}

/**
 * Milliseconds that a `Retry-After` asks for: seconds or an HTTP date.
 * @returns undefined when there is none, or it cannot be read
 */
export function retryAfterMs(header: string | string[] | undefined, now_ms: number): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim();
  if (!text) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now_ms);
}
