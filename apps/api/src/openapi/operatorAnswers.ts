import { z } from 'zod';
import { money } from './answers.ts';

const Gate = z.object({
  state: z.enum(['closed', 'open', 'half_open', 'paused']),
  reason: z.string().nullable(),
  until: z.string().nullable(),
});
const Channel = Gate.extend({
  id: z.string(),
  in_flight: z.number().int(),
  waiting: z.number().int(),
  max_in_flight: z.number().int(),
  submits_per_minute: z.number(),
});
export const ChannelAnswer = Channel;
export const ChannelsAnswer = z.object({ channels: z.array(Channel) });

/** What may be paid for without a picture to show for it. */
const Paid = z.object({
  task_id: z.string(),
  channel: z.string(),
  part: z.number().int(),
  attempt: z.number().int(),
  cost: money,
  currency: z.string(),
  listed_at: z.iso.datetime(),
});
const Orphan = Paid.extend({
  upstream_task_id: z.string(),
  reason: z.enum(['canceled', 'expired', 'claim_lost']),
});
const Duplicate = Paid.extend({
  submission: z.number().int(),
  reason: z.enum(['outcome_unknown', 'forgotten', 'restored']),
});
export const OrphansAnswer = z.object({ orphans: z.array(Orphan) });
export const DuplicatesAnswer = z.object({ duplicates: z.array(Duplicate) });

export const HealthAnswer = z.object({ status: z.string() });

const Check = z.object({ status: z.enum(['ok', 'failing']), ms: z.number().int() });
export const ReadyAnswer = z.object({
  status: z.enum(['ok', 'failing', 'draining']),
  checks: z.object({
    redis: Check.extend({ durable: z.boolean().optional(), warnings: z.array(z.string()).optional() }),
    storage: Check,
    channels: z.record(z.string(), Gate.nullable()),
  }),
});
