import { z } from 'zod';
import type { Said } from './vocabulary.ts';

const Text = z.union([z.string(), z.number()]).transform(String);
const Members = z.record(z.string(), z.unknown());
export type Members = z.infer<typeof Members>;

/** Longest piece of an upstream's words that is kept: they are outside data, shown to clients. */
const wordsMax = 500;

/** An answer's JSON object, or undefined when it is not one. Integers that a number cannot hold stay text: ids. */
export function membersOf(text: string): Members | undefined {
  try {
    return Members.safeParse(JSON.parse(text, exactly)).data;
  } catch {
    return undefined;
  }
}

function exactly(_name: string, value: unknown, context?: { source?: string }): unknown {
  const inexact = typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER;
  return inexact && /^\d+$/.test(context?.source ?? '') ? context!.source : value;
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

/** Words that `code` may hold without meaning an error; as a message they mean none either. */
const fine = new Set(['success', 'ok', '200', '0', '201', '202', 'accepted', 'succeeded', 'created', 'none', 'null']);
const isFine = (word: string | null | undefined) => fine.has(word?.toLowerCase() ?? '');

/**
 * The error an answer tells, in any of the shapes of this market: `{code, message}`, `{error: {message, type, code}}`,
 * `{error: "…"}`, `{errors: […]}`, `{detail}`, `{msg}`, or the same within `data`. Undefined when it tells none.
 */
export function errorOf(answer: Members): Said | undefined {
  return errorMemberOf(answer) ?? codeAndMessage(answer);
}

/** The error that a member of its own tells, and not the envelope's code and message. */
export function errorMemberOf(answer: Members): Said | undefined {
  // A `detail` that is text goes with `code`; as a list it is a validator's.
  const details = typeof answer.detail === 'object' ? answer.detail : undefined;
  const places = [answer.error, taskOf(answer).error, answer.errors, details];
  for (const place of places) {
    const said = wordsOf(Array.isArray(place) ? place[0] : place);
    if (said) return said;
  }
  return undefined;
}

const codeNames = ['code', 'type', 'status', 'reason'] as const;

/** Every code that an answer's error has, wherever it stands: beside a number there may be a telling `type`. */
export function codesOf(answer: Members): string[] {
  const { error, errors } = answer;
  const places = [answer, error, taskOf(answer).error, Array.isArray(errors) ? errors[0] : errors].map(asMembers);
  return places.flatMap((place) => codeNames.flatMap((name) => asText(place?.[name]) ?? []));
}

function wordsOf(error: unknown): Said | undefined {
  const text = asText(error);
  if (text) return isFine(text) ? undefined : { code: null, message: text };
  const members = asMembers(error);
  if (!members) return undefined;
  const code = codeNames.map((name) => asText(members[name])).find((text) => text !== undefined) ?? null;
  const message = asText(members.message) ?? asText(members.msg) ?? asText(members.detail) ?? null;
  if (isFine(code)) return undefined;
  return code || message ? { code, message } : undefined;
}

function codeAndMessage(answer: Members): Said | undefined {
  const code = asText(answer.code) ?? null;
  const message =
    asText(answer.message) ?? asText(answer.msg) ?? asText(answer.detail) ?? asText(answer.fail_reason) ?? null;
  if (isFine(code)) return undefined;
  // A bare message beside a task is a remark, not an error.
  if (!code && (!message || isFine(message) || namesTask(answer))) return undefined;
  return { code, message };
}

/** Whether an answer speaks of a task by its id. */
export function namesTask(answer: Members): boolean {
  const inner = taskOf(answer);
  return [answer.task_id, answer.id, inner.task_id, inner.id].some((id) => asText(id) !== undefined);
}

/**
 * Milliseconds that a `Retry-After` asks for: seconds or an HTTP date.
 * @returns undefined when there is none, or it cannot be read
 */
export function retryAfterMs(header: string | string[] | undefined, now_ms: number): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim();
  if (!text) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  // `Date.parse` makes a date of nearly everything; one that is meant has a time of day.
  const date = /\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now_ms);
}
