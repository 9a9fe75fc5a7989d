import { DeliveryJob } from '@darkroom/shared/queues';
import {
  type Delivery,
  type DeliveryId,
  type Endpoint,
  type EndpointId,
  keySecretOf,
  noteTry,
  readDelivery,
  readEndpoint,
  secretsOf,
  type Try,
} from '@darkroom/shared/webhooks';
import { DelayedError, type Job } from 'bullmq';
import { Webhook } from 'standardwebhooks';
import type { DeliveryDeps } from './deps.ts';
import { noteFailure, noteSuccess, tellExhausted } from './health.ts';
import { payloadOf } from './payload.ts';
import type { Receivers } from './receivers.ts';
import { NotSent } from './send.ts';

/** What a receiver says when it wants less. */
const slowing = new Set([429, 502, 504]);

type Target = { url: string; endpoint: Endpoint | undefined };
type Outcome = Pick<Try, 'status' | 'error' | 'body'> & { retry_after_ms?: number };

/** Makes deliveries: one try a run, and the next one when the schedule says. A crash on the way repeats a try at most. */
export function deliverer(deps: DeliveryDeps, receivers: Receivers) {
  return async (job: Job<DeliveryJob>, token: string | undefined): Promise<void> => {
    const { key_id, delivery_id } = DeliveryJob.parse(job.data);
    const delivery = await readDelivery(deps.records, key_id, delivery_id as DeliveryId);
    if (delivery?.status !== 'pending') return;
    const later = (delivery.next_attempt_at_ms ?? 0) - deps.now();
    if (later > 0) await postpone(deps, job, token, later);
    const target = await targetOf(deps, delivery);
    if (!target) return giveUp(deps, delivery, 'the endpoint is disabled or gone');
    const receiver = delivery.endpoint_id ?? new URL(target.url).origin;
    const busy = deps.isClosing() ? 1 : receivers.take(receiver);
    // Those that wait for one receiver do not all come back at once.
    if (busy > 0) await postpone(deps, job, token, busy * (1 + deps.random()));
    let outcome: Outcome | undefined;
    const began = deps.now();
    try {
      outcome = await attempt(deps, delivery, target);
    } finally {
      const well = outcome !== undefined && isSuccess(outcome);
      const slow = outcome?.status && slowing.has(outcome.status) ? (outcome.retry_after_ms ?? 0) : undefined;
      receivers.done(receiver, well, slow);
    }
    const next = await settle(deps, delivery, target, outcome, began);
    if (next !== undefined) await postpone(deps, job, token, next);
  };
}

async function postpone(deps: DeliveryDeps, job: Job, token: string | undefined, ms: number): Promise<never> {
  await job.moveToDelayed(deps.now() + Math.ceil(ms), token);
  throw new DelayedError();
}

async function targetOf({ records }: DeliveryDeps, delivery: Delivery): Promise<Target | undefined> {
  if (delivery.endpoint_id === undefined) return { url: delivery.url!, endpoint: undefined };
  const endpoint = await readEndpoint(records, delivery.key_id, delivery.endpoint_id as EndpointId);
  return endpoint?.enabled ? { url: endpoint.url, endpoint } : undefined;
}

async function attempt(deps: DeliveryDeps, delivery: Delivery, { url, endpoint }: Target): Promise<Outcome> {
  const payload = await payloadOf(deps, delivery);
  if (payload === undefined) return { status: null, error: 'what it is about is gone', body: null };
  const secret = endpoint ?? (await keySecretOf(deps.records, delivery.key_id, deps.seal));
  const now = new Date(deps.now());
  const signatures = secretsOf(secret, deps.seal, deps.now()).map((one) =>
    new Webhook(one).sign(delivery.id, now, payload),
  );
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Darkroom-Webhooks/1',
    'webhook-id': delivery.id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': signatures.join(' '),
  };
  try {
    const { status, body, retry_after_ms } = await deps.sender.send(url, payload, headers);
    return { status, body, error: null, retry_after_ms };
  } catch (error) {
    if (!(error instanceof NotSent)) throw error;
    return { status: null, error: error.message, body: null };
  }
}

const isSuccess = ({ status }: Outcome) => status !== null && status >= 200 && status < 300;

/** Notes what became of a try. @returns ms until the next one; undefined when there is none */
async function settle(
  deps: DeliveryDeps,
  delivery: Delivery,
  { endpoint }: Target,
  outcome: Outcome,
  began: number,
): Promise<number | undefined> {
  const { status, error, body } = outcome;
  const made: Try = { at: new Date(began).toISOString(), ms: deps.now() - began, status, error, body };
  if (isSuccess(outcome)) {
    deps.metrics.add('darkroom_deliveries_total', { outcome: 'delivered' });
    await noteTry(deps.records, delivery, made, { status: 'delivered' });
    if (endpoint) await noteSuccess(deps, endpoint);
    return undefined;
  }
  const disabled = endpoint && (await noteFailure(deps, endpoint, status));
  const tries = delivery.tries + 1;
  const pause = deps.settings.schedule_ms[tries];
  if (pause === undefined || disabled) {
    deps.metrics.add('darkroom_deliveries_total', { outcome: 'exhausted' });
    await noteTry(deps.records, delivery, made, { status: 'failed' });
    await tellExhausted(deps, delivery);
    return undefined;
  }
  deps.metrics.add('darkroom_deliveries_total', { outcome: 'failed_try' });
  const wait = outcome.retry_after_ms ?? pause * (0.9 + 0.2 * deps.random());
  await noteTry(deps.records, delivery, made, { status: 'pending', next_attempt_at_ms: deps.now() + Math.ceil(wait) });
  return wait;
}

async function giveUp(deps: DeliveryDeps, delivery: Delivery, error: string): Promise<void> {
  const made: Try = { at: new Date(deps.now()).toISOString(), ms: 0, status: null, error, body: null };
  await noteTry(deps.records, delivery, made, { status: 'failed' });
}
