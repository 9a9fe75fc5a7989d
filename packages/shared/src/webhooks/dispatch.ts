import { addDeliveryJobs, type DeliveryQueue } from '../queues/index.ts';
import type { Records, TaskRecord } from '../tasks/index.ts';
import { createDelivery, type NewDelivery } from './deliveries.ts';
import { listEndpoints } from './endpoints.ts';
import { endEventOf, takes, type WebhookEvent } from './events.ts';
import { type DeliveryId, deliveryIdOf } from './ids.ts';

export type DispatchDeps = {
  records: Records;
  deliveries: DeliveryQueue;
  /** how long deliveries are kept */
  retentionMs: number;
  now: () => number;
};

/** Something that happened, and who asked in its own request to be told. */
export type Happening = {
  key_id: string;
  event: WebhookEvent;
  /** id of what it is about */
  subject: string;
  task_id?: string;
  receiver?: { url: string; events: readonly string[] | null; metadata: Record<string, unknown> | null };
  /** an endpoint that is not told: it is what the event is about */
  except?: string;
};

/**
 * Has an event delivered to everyone who is to hear of it: the receiver that the request named, and every enabled
 * endpoint of the key that takes it. Doing it again, after a crash on the way, makes up for what was missing and repeats
 * nothing: deliveries and their jobs have ids of their own.
 */
export async function dispatch(deps: DispatchDeps, happening: Happening): Promise<void> {
  const { records, deliveries, retentionMs, now } = deps;
  const { key_id, event, subject, task_id, receiver, except } = happening;
  const wanted: NewDelivery[] = [];
  const common = { key_id, event, subject, task_id, created_at_ms: now() };
  if (receiver && takes(receiver.events, event)) {
    const { url, metadata } = receiver;
    wanted.push({ ...common, id: deliveryIdOf(subject, event, url), url, metadata: metadata ?? undefined });
  }
  for (const { id, enabled, events } of await listEndpoints(records, key_id)) {
    if (!enabled || id === except || !takes(events ?? null, event)) continue;
    wanted.push({ ...common, id: deliveryIdOf(subject, event, id), endpoint_id: id });
  }
  const jobs: { key_id: string; delivery_id: DeliveryId }[] = [];
  for (const delivery of wanted) {
    await createDelivery(records, delivery, retentionMs);
    jobs.push({ key_id, delivery_id: delivery.id });
  }
  await addDeliveryJobs(deliveries, jobs);
}

/** Tells of a task's end. */
export async function dispatchTaskEnd(deps: DispatchDeps, task: TaskRecord): Promise<void> {
  const event = endEventOf(task.status);
  if (!event) return;
  const { key_id, id, webhook } = task;
  await dispatch(deps, { key_id, event, subject: id, task_id: id, receiver: webhook });
}

/** Tells that a task was submitted for the first time; only who asked for it hears of it. */
export async function dispatchTaskStart(deps: DispatchDeps, { key_id, id, webhook }: TaskRecord): Promise<void> {
  await dispatch(deps, { key_id, event: 'task.started', subject: id, task_id: id, receiver: webhook });
}
