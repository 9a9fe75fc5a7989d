import type { TaskStatus } from '../tasks/index.ts';

/** Everything a receiver may be told. `task.started` is told only where it is asked for. */
export const webhookEvents = [
  'task.started',
  'task.succeeded',
  'task.failed',
  'task.canceled',
  'batch.completed',
  'delivery.exhausted',
  'endpoint.disabled',
  'webhook.test',
] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** What an endpoint may ask for: a test is told to whom it is sent. */
export const subscribable = webhookEvents.filter((event) => event !== 'webhook.test');

/** Whether a receiver that asked for these events, or for nothing in particular, is told of one. */
export function takes(events: readonly string[] | null, event: WebhookEvent): boolean {
  return events === null ? event !== 'task.started' : events.includes(event);
}

/** The event of a task's end; undefined while it has not ended. */
export function endEventOf(status: TaskStatus): WebhookEvent | undefined {
  return status === 'succeeded' || status === 'failed' || status === 'canceled' ? `task.${status}` : undefined;
}
