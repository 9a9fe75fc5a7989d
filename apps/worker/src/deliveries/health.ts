import { changeRecord } from '@darkroom/shared/redis';
import { jsonOfPairs } from '@darkroom/shared/tasks';
import { type Delivery, dispatch, type Endpoint, failureFields } from '@darkroom/shared/webhooks';
import type { DeliveryDeps } from './deps.ts';

/** An endpoint that has failed for so long is disabled, if it failed so often within a day. */
const failingMs = 5 * 24 * 3_600_000;
const dayMs = 24 * 3_600_000;
const failuresOfDay = 5;

/** Says that an endpoint works: it begins without its failures. */
export async function noteSuccess(
  { records }: DeliveryDeps,
  { key_id, id, failing_since_ms }: Endpoint,
): Promise<void> {
  if (failing_since_ms === undefined) return;
  await changeRecord(records.redis, records.keys.endpoint(key_id, id), { dropped: failureFields });
}

/**
 * Counts an endpoint's failure.
 * @returns whether it is disabled now: it said that it is gone, or has failed for five days
 */
export async function noteFailure(deps: DeliveryDeps, endpoint: Endpoint, status: number | null): Promise<boolean> {
  if (status === 410) return disable(deps, endpoint, 'it answered 410 Gone');
  const { redis, keys } = deps.records;
  const now = deps.now();
  const { failing_since_ms = now, day_began_ms = 0, day_failures } = endpoint;
  const isNewDay = now - day_began_ms >= dayMs;
  const begun = endpoint.failing_since_ms === undefined ? now : undefined;
  const day = isNewDay ? { day_began_ms: now, day_failures: 0 } : {};
  const fields = jsonOfPairs({ failing_since_ms: begun, ...day });
  await changeRecord(redis, keys.endpoint(endpoint.key_id, endpoint.id), { fields, counted: 'day_failures' });
  const often = (isNewDay ? 1 : day_failures + 1) >= failuresOfDay;
  if (!often || now - failing_since_ms < failingMs) return false;
  return disable(deps, endpoint, 'every delivery to it has failed for five days');
}

async function disable(deps: DeliveryDeps, endpoint: Endpoint, reason: string): Promise<true> {
  const { records, logger, metrics } = deps;
  const { key_id, id } = endpoint;
  const fields = jsonOfPairs({ enabled: false, disabled_reason: reason });
  await changeRecord(records.redis, records.keys.endpoint(key_id, id), { fields });
  metrics.add('darkroom_endpoints_disabled_total', {});
  logger.warn({ endpoint: id, reason }, 'webhook endpoint disabled');
  await dispatch(deps, { key_id, event: 'endpoint.disabled', subject: id, except: id });
  return true;
}

/** Tells the key's other endpoints of a delivery that was given up; never of one that itself told such a thing. */
export async function tellExhausted(deps: DeliveryDeps, { key_id, id, event, endpoint_id }: Delivery): Promise<void> {
  deps.logger.warn({ delivery: id, endpoint: endpoint_id }, 'delivery given up after its last try');
  if (event === 'delivery.exhausted' || event === 'endpoint.disabled') return;
  await dispatch(deps, { key_id, event: 'delivery.exhausted', subject: id, except: endpoint_id });
}
