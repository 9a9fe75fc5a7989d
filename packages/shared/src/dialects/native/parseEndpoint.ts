import { z } from 'zod';
import { subscribable } from '../../webhooks/index.ts';
import { zodProblem } from '../zodProblem.ts';

const Url = z.string().min(1).max(2048);
const Events = z.array(z.enum(subscribable)).max(subscribable.length).nullable();

/** `POST /v1/webhooks`: `events` left out or null means all but `task.started`. */
export const EndpointBody = z.strictObject({ url: Url, events: Events.default(null) });

/** `PATCH /v1/webhooks/{id}`: only what is there is changed. */
export const EndpointChangeBody = z.strictObject({
  url: Url.optional(),
  events: Events.optional(),
  enabled: z.boolean().optional(),
});

/** `POST /v1/webhooks/{id}/recover` */
export const RecoverBody = z.strictObject({
  since: z.iso.datetime({ offset: true, error: 'must be a time such as 2026-01-31T22:00:00Z' }),
});

/** Reads a body by its schema. @throws Problem naming the field, what was wrong and what would be right */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body ?? {});
  if (!parsed.success) throw zodProblem(parsed.error);
  return parsed.data;
}
