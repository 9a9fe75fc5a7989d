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
  /** `media` defaults to JSON; the example works as it stands */
  body?: { schema: z.ZodType; example: object; media?: 'multipart/form-data' };
  /** what it answers when all is well, by status */
  answers: Record<number, { says: string; schema?: z.ZodType; media?: string }>;
  /** refusals worth naming beyond those that every route of its kind has, by status */
  refusals?: Record<number, string>;
};

/** Headers of every order. */
export const orderHeaders = {
  'Idempotency-Key': '1-255 characters; the same key and request are answered with the task that exists',
  'x-webhook-url': 'where the events of the task are sent, for clients that cannot add a field',
};
