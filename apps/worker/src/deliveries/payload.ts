import { type Batch, type BatchId, type PublicBatch, publicBatch, readBatch } from '@darkroom/shared/batches';
import { isTaskId } from '@darkroom/shared/tasks';
import {
  type Delivery,
  type DeliveryId,
  type EndpointId,
  publicDelivery,
  publicEndpoint,
  readDelivery,
  readEndpoint,
} from '@darkroom/shared/webhooks';
import type { DeliveryDeps } from './deps.ts';

/** Longest body, as Standard Webhooks advises. */
const bytesMax = 20_000;

/**
 * What a delivery says: the thing it is about as a query would show it now, with URLs that are good for as long as any.
 * @returns undefined when there is nothing to be told of any more
 */
export async function payloadOf(deps: DeliveryDeps, delivery: Delivery): Promise<string | undefined> {
  const data = await dataOf(deps, delivery);
  if (!data) return undefined;
  const { event, metadata, created_at_ms } = delivery;
  const body = {
    type: event,
    timestamp: new Date(created_at_ms).toISOString(),
    data,
    webhook_metadata: metadata ?? null,
  };
  const whole = JSON.stringify(body);
  if (Buffer.byteLength(whole) <= bytesMax) return whole;
  if (event === 'batch.completed') return JSON.stringify({ ...body, data: shortBatch(data as PublicBatch) });
  // A task of many pictures and long labels: the receiver can ask for the rest by its id.
  const { metadata: about, ...short } = data as { metadata?: { labels?: object; images?: object } };
  return JSON.stringify({
    ...body,
    data: { ...short, metadata: { ...about, labels: {}, images: [] }, truncated: true },
  });
}

/** So many errors of an input file are told; a query shows all of them. */
const errorsTold = 20;

/** A batch whose input file was wrong in hundreds of lines. */
const shortBatch = (batch: PublicBatch) => ({
  ...batch,
  errors: batch.errors && { ...batch.errors, data: batch.errors.data.slice(0, errorsTold) },
  truncated: true,
});

async function dataOf(deps: DeliveryDeps, { event, subject, key_id }: Delivery): Promise<object | undefined> {
  const { records, now } = deps;
  switch (event) {
    case 'webhook.test':
      return {};
    case 'batch.completed': {
      const batch: Batch | undefined = await readBatch(records, subject as BatchId);
      return batch && batch.removed_at_ms === undefined ? publicBatch(batch, now()) : undefined;
    }
    case 'delivery.exhausted': {
      const exhausted = await readDelivery(records, key_id, subject as DeliveryId);
      return exhausted && publicDelivery(exhausted);
    }
    case 'endpoint.disabled': {
      const endpoint = await readEndpoint(records, key_id, subject as EndpointId);
      return endpoint && publicEndpoint(endpoint);
    }
    default: {
      const task = isTaskId(subject) ? await deps.readTask(subject) : undefined;
      return task && deps.showTask(task);
    }
  }
}
