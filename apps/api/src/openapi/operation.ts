import type { Dialect } from '@darkroom/shared/dialects';
import type { z } from 'zod';

/** One route as the document describes it. A new route is described in the file of its group, and nowhere else. */
export type Operation = {
  method: 'get' | 'post' | 'patch' | 'delete';
  /** with `{names}` of what stands in it */
  path: string;
  tag: string;
  summary: string;
  /** whose words its errors speak */
  dialect: Dialect;
  /** what opens it: an API key, the admin's password, a signed URL, or nothing */
  opens: 'key' | 'admin' | 'signature' | 'nothing';
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** what is sent as JSON */
  body?: Body;
  /** what is sent as a form, instead of JSON or as another way to send the same */
  form?: Body;
  /** what it answers when all is well, by status */
  answers: Record<number, Answer>;
  /** refusals worth naming beyond those that every route of its kind has, by status */
  refusals?: Record<number, string>;
  /** it goes on until somebody ends it */
  endless?: true;
};

/** The example works as it stands; in a form, a value that begins with @ is a file of that name. */
export type Body = {
  schema: z.ZodType;
  example: object;
  /** it may be left out */
  optional?: true;
};

/** `media` defaults to JSON; `events` is the data of each server-sent event, where the answer may be had as a stream. */
export type Answer = { says: string; schema?: z.ZodType; media?: string; events?: z.ZodType };

/** Headers of every order. */
export const orderHeaders = {
  'Idempotency-Key': '1-255 characters; the same key and request are answered with the task that exists',
  'x-webhook-url': 'where the events of the task are sent, for clients that cannot add a field',
};
