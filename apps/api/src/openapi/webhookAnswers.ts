import { z } from 'zod';
import { envelope } from './answers.ts';

const time = z.iso.datetime();

const Endpoint = z.object({
  id: z.string(),
  url: z.string(),
  events: z.array(z.string()).nullable(),
  enabled: z.boolean(),
  disabled_reason: z.string().nullable(),
  created_at: time,
  secret: z.string().optional(),
});

const Delivery = z.object({
  id: z.string(),
  event: z.string(),
  task_id: z.string().nullable(),
  endpoint_id: z.string().nullable(),
  status: z.enum(['pending', 'delivered', 'failed']),
  attempts: z.array(
    z.object({
      at: time,
      status: z.number().int().nullable(),
      ms: z.number().int(),
      error: z.string().nullable(),
      body: z.string().nullable(),
    }),
  ),
  next_attempt_at: time.nullable(),
  created_at: time,
});

const pageOf = <T extends z.ZodType>(item: T) =>
  envelope(z.object({ items: z.array(item), has_more: z.boolean(), next_cursor: z.string().nullable() }));

export const EndpointAnswer = envelope(Endpoint);
export const EndpointsAnswer = pageOf(Endpoint);
export const DeletedEndpointAnswer = envelope(z.object({ id: z.string(), deleted: z.literal(true) }));
export const SecretAnswer = envelope(z.object({ secret: z.string() }));
export const RecoveredAnswer = envelope(z.object({ recovered: z.number().int() }));
export const DeliveryAnswer = envelope(Delivery);
export const DeliveriesAnswer = pageOf(Delivery);
