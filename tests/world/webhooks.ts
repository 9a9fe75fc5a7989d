import { expect, onTestFinished } from 'vitest';
import type { Client, Envelope } from './client.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import type { World } from './world.ts';

export type Endpoint = {
  id: string;
  url: string;
  events: string[] | null;
  enabled: boolean;
  disabled_reason: string | null;
  secret: string;
};
export type Delivery = {
  id: string;
  event: string;
  task_id: string | null;
  endpoint_id: string | null;
  status: string;
  attempts: { status: number | null; error: string | null; body: string | null }[];
  next_attempt_at: string | null;
};

export async function receiverOf(): Promise<Receiver> {
  const receiver = await startReceiver();
  onTestFinished(() => receiver.close());
  return receiver;
}

export const call = <T>(client: Client, method: string, path: string, json?: object) =>
  client.request<Envelope<T>>(method, path, json ? { json } : {});

/** Registers a receiver as an endpoint that is removed with the test. */
export async function endpointAt(world: World, receiver: Receiver, more: object = {}): Promise<Endpoint> {
  const { status, body } = await call<Endpoint>(world.client, 'POST', '/v1/webhooks', {
    url: `${receiver.url}/hook`,
    ...more,
  });
  expect(status).toBe(200);
  receiver.secrets.push(body.data.secret);
  onTestFinished(async () => void (await call(world.client, 'DELETE', `/v1/webhooks/${body.data.id}`)));
  return body.data;
}

export const deliveriesOf = async (world: World, path: string) =>
  (await call<{ items: Delivery[] }>(world.client, 'GET', `${path}/deliveries`)).body.data.items;
