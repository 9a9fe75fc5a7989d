import { createHash, randomBytes } from 'node:crypto';

export type EndpointId = `we_${string}`;
export type DeliveryId = `dl_${string}`;

export const isEndpointId = (text: string): text is EndpointId => /^we_[0-9a-f]{32}$/.test(text);
export const isDeliveryId = (text: string): text is DeliveryId => /^dl_[0-9a-f]{32}$/.test(text);

export const newEndpointId = (): EndpointId => `we_${randomBytes(16).toString('hex')}`;

/**
 * The delivery of an event of something to a receiver: whoever dispatches it, however often, makes the same one. It is
 * also the `webhook-id`, stable over tries and redelivery.
 * @param subject  id of the task, the batch, or whatever the event is about
 */
export function deliveryIdOf(subject: string, event: string, receiver: string): DeliveryId {
  return `dl_${createHash('sha256').update(`${subject}\n${event}\n${receiver}`).digest('hex').slice(0, 32)}`;
}
