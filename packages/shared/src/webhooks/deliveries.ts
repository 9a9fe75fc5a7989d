import { z } from 'zod';
import { InvariantBroken } from '../errors/index.ts';
import { changeRecord, script } from '../redis/index.ts';
import { jsonOfPairs, type Records } from '../tasks/index.ts';
import type { WebhookEvent } from './events.ts';
import type { DeliveryId } from './ids.ts';

const json = <T extends z.ZodType>(inner: T) => z.preprocess((text) => JSON.parse(String(text)), inner);

/** One try: what the receiver answered, or why it could not. `body` is the begin of its answer. */
export const Try = z.object({
  at: z.string(),
  status: z.number().int().nullable(),
  ms: z.number().int(),
  error: z.string().nullable(),
  body: z.string().nullable(),
});
export type Try = z.infer<typeof Try>;

const DeliveryShape = z.object({
  id: z.string(),
  key_id: z.string(),
  event: z.string(),
  /** id of what the event is about: a task, a batch, an endpoint or a delivery */
  subject: z.string(),
  task_id: z.string().optional(),
  endpoint_id: z.string().optional(),
  /** where a request wanted it, for one that goes to no endpoint */
  url: z.string().optional(),
  metadata: json(z.record(z.string(), z.unknown())).optional(),
  status: z.enum(['pending', 'delivered', 'failed']),
  attempts: json(z.array(Try)).default([]),
  /** tries in this round: a redelivery begins a new one */
  tries: z.coerce.number().int().default(0),
  created_at_ms: z.coerce.number().int(),
  next_attempt_at_ms: z.coerce.number().int().optional(),
});

/** An event on its way to a receiver. */
export type Delivery = z.infer<typeof DeliveryShape>;

export type NewDelivery = Pick<Delivery, 'key_id' | 'subject' | 'task_id' | 'endpoint_id' | 'url' | 'metadata'> & {
  id: DeliveryId;
  event: WebhookEvent;
  created_at_ms: number;
};

const create = script(new URL('./lua/createDelivery.lua', import.meta.url), {
  keys: ['delivery'],
  args: ['fields', 'keep'],
  returns: ['created', 'known'],
});

/** Tries that are kept: those of every round a delivery may have had. */
const triesKept = 30;

/** Writes a delivery that is to be made. Writing it again changes nothing. @returns whether it is new */
export async function createDelivery(
  { redis, keys }: Records,
  delivery: NewDelivery,
  keepMs: number,
): Promise<boolean> {
  const key = keys.delivery(delivery.key_id, delivery.id);
  const indexes = [delivery.endpoint_id, delivery.task_id].filter((id) => id !== undefined);
  for (const id of indexes) {
    const index = keys.deliveriesOf(delivery.key_id, id);
    await redis.zadd(index, 'NX', delivery.created_at_ms, delivery.id);
    // Of an endpoint that has thousands a day, the newest are kept; all go with time.
    await redis.zremrangebyrank(index, 0, -indexMax - 1);
    await redis.pexpire(index, keepMs);
  }
  // In one step: between two, Redis may go back in time and keep the second without the first.
  const { word } = await create(redis, { delivery: key }, { fields: jsonOfPairs(delivery), keep: keepMs });
  return word === 'created';
}

const indexMax = 20_000;

/** @returns undefined when this key has no such delivery */
export async function readDelivery(
  { redis, keys }: Records,
  keyId: string,
  id: DeliveryId,
): Promise<Delivery | undefined> {
  const hash = await redis.hgetall(keys.delivery(keyId, id));
  // What an older release left half written is none; whoever dispatches again makes it whole.
  if (hash.status === undefined || hash.id === undefined) return undefined;
  const parsed = DeliveryShape.safeParse(hash);
  if (!parsed.success)
    throw new InvariantBroken(`a delivery's record cannot be read: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Notes a try and what follows from it. */
export async function noteTry(
  { redis, keys }: Records,
  delivery: Delivery,
  made: Try,
  then: { status: Delivery['status']; next_attempt_at_ms?: number },
): Promise<void> {
  const key = keys.delivery(delivery.key_id, delivery.id);
  const attempts = [...delivery.attempts, made].slice(-triesKept);
  const dropped = then.next_attempt_at_ms === undefined ? ['next_attempt_at_ms'] : [];
  await changeRecord(redis, key, { fields: jsonOfPairs({ attempts, tries: delivery.tries + 1, ...then }), dropped });
}

/** Has a delivery made again, from its first try on. */
export async function reopenDelivery({ redis, keys }: Records, { key_id, id }: Delivery): Promise<void> {
  await changeRecord(redis, keys.delivery(key_id, id), { fields: jsonOfPairs({ status: 'pending', tries: 0 }) });
}

/** Ids of the deliveries to an endpoint, or of a task, newest first. */
export const deliveryIdsOf = ({ redis, keys }: Records, keyId: string, of: string, offset: number, limit: number) =>
  redis.zrevrange(keys.deliveriesOf(keyId, of), offset, offset + limit - 1) as Promise<DeliveryId[]>;

const iso = (ms: number) => new Date(ms).toISOString();

/** A delivery as its owner sees it. */
export const publicDelivery = (delivery: Delivery) => ({
  id: delivery.id,
  event: delivery.event,
  task_id: delivery.task_id ?? null,
  endpoint_id: delivery.endpoint_id ?? null,
  status: delivery.status,
  attempts: delivery.attempts,
  next_attempt_at: delivery.next_attempt_at_ms === undefined ? null : iso(delivery.next_attempt_at_ms),
  created_at: iso(delivery.created_at_ms),
});
