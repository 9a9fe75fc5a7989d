import { judgeReceiver } from '@darkroom/shared/admission';
import { EndpointBody, EndpointChangeBody, parseBody } from '@darkroom/shared/dialects';
import type { EgressSurface } from '@darkroom/shared/egress';
import { Problem } from '@darkroom/shared/errors';
import type { DeliveryQueue } from '@darkroom/shared/queues';
import { addDeliveryJobs } from '@darkroom/shared/queues';
import type { Records } from '@darkroom/shared/tasks';
import {
  changeEndpoint,
  createDelivery,
  createEndpoint,
  deliveryIdOf,
  type Endpoint,
  endpointsMax,
  isEndpointId,
  keySecretOf,
  listEndpoints,
  publicDelivery,
  publicEndpoint,
  readDelivery,
  readEndpoint,
  removeEndpoint,
  rotateKeySecret,
  rotateSecret,
  type Seal,
  secretsOf,
} from '@darkroom/shared/webhooks';
import type { RequestHandler } from 'express';
import { apiKeyOf } from '../http/authenticate.ts';
import { sendData } from '../http/envelope.ts';

export type WebhookDeps = {
  records: Records;
  webhooks: EgressSurface;
  deliveries: DeliveryQueue;
  seal: Seal;
  retentionMs: number;
  now: () => number;
};

/** `POST /v1/webhooks`: registers a receiver; its secret is told now and never again. */
export function createEndpointRoute({ records, webhooks, seal, now }: WebhookDeps): RequestHandler {
  return async (req, res) => {
    const { id: keyId } = apiKeyOf(res);
    const wanted = parseBody(EndpointBody, req.body);
    await judgeReceiver(wanted.url, webhooks, 'url');
    if ((await listEndpoints(records, keyId)).length >= endpointsMax) {
      throw new Problem('invalid_request', `A key may have ${endpointsMax} endpoints; remove one first.`);
    }
    const { endpoint, secret } = await createEndpoint(records, keyId, wanted, { seal, now_ms: now() });
    sendData(res, publicEndpoint(endpoint, secret));
  };
}

/** `GET /v1/webhooks`: all of a key's endpoints. */
export function listEndpointsRoute({ records }: WebhookDeps): RequestHandler {
  return async (_req, res) => {
    const endpoints = await listEndpoints(records, apiKeyOf(res).id);
    const items = endpoints.reverse().map((endpoint) => publicEndpoint(endpoint));
    sendData(res, { items, has_more: false, next_cursor: null });
  };
}

/** `GET /v1/webhooks/{id}` */
export function endpointRoute({ records }: WebhookDeps): RequestHandler {
  return async (req, res) => {
    sendData(res, publicEndpoint(await findEndpoint(records, apiKeyOf(res).id, req.params.endpoint_id)));
  };
}

/** `PATCH /v1/webhooks/{id}` */
export function changeEndpointRoute({ records, webhooks }: WebhookDeps): RequestHandler {
  return async (req, res) => {
    const { id: keyId } = apiKeyOf(res);
    const endpoint = await findEndpoint(records, keyId, req.params.endpoint_id);
    const change = parseBody(EndpointChangeBody, req.body);
    if (change.url !== undefined) await judgeReceiver(change.url, webhooks, 'url');
    await changeEndpoint(records, endpoint, change);
    sendData(res, publicEndpoint(await findEndpoint(records, keyId, endpoint.id)));
  };
}

/** `DELETE /v1/webhooks/{id}` */
export function removeEndpointRoute({ records }: WebhookDeps): RequestHandler {
  return async (req, res) => {
    const endpoint = await findEndpoint(records, apiKeyOf(res).id, req.params.endpoint_id);
    await removeEndpoint(records, endpoint);
    sendData(res, { id: endpoint.id, deleted: true });
  };
}

/** `POST /v1/webhooks/{id}/rotate`: a new secret; the old one signs beside it for a day. */
export function rotateEndpointRoute({ records, seal, now }: WebhookDeps): RequestHandler {
  return async (req, res) => {
    const endpoint = await findEndpoint(records, apiKeyOf(res).id, req.params.endpoint_id);
    const secret = await rotateSecret(records, endpoint, { seal, now_ms: now() });
    sendData(res, publicEndpoint(endpoint, secret));
  };
}

/** `POST /v1/webhooks/{id}/test`: sends a `webhook.test` and answers with its delivery. */
export function testEndpointRoute({ records, deliveries, retentionMs, now }: WebhookDeps): RequestHandler {
  return async (req, res) => {
    const { key_id, id } = await findEndpoint(records, apiKeyOf(res).id, req.params.endpoint_id);
    const created_at_ms = now();
    // Every test is one of its own.
    const subject = `${id}-${created_at_ms}`;
    const delivery_id = deliveryIdOf(subject, 'webhook.test', id);
    const delivery = {
      id: delivery_id,
      key_id,
      event: 'webhook.test',
      subject,
      endpoint_id: id,
      created_at_ms,
    } as const;
    await createDelivery(records, delivery, retentionMs);
    await addDeliveryJobs(deliveries, [{ key_id, delivery_id }]);
    sendData(res, publicDelivery((await readDelivery(records, key_id, delivery_id))!));
  };
}

/** `GET /v1/webhooks/secret`: the key's own secret, which signs what is sent to a request's `webhook_url`. */
export function keySecretRoute({ records, seal, now }: WebhookDeps): RequestHandler {
  return async (_req, res) => {
    const [secret] = secretsOf(await keySecretOf(records, apiKeyOf(res).id, seal), seal, now());
    sendData(res, { secret: secret! });
  };
}

/** `POST /v1/webhooks/secret/rotate` */
export function rotateKeySecretRoute({ records, seal, now }: WebhookDeps): RequestHandler {
  return async (_req, res) => {
    sendData(res, { secret: await rotateKeySecret(records, apiKeyOf(res).id, { seal, now_ms: now() }) });
  };
}

/** Finds a client's endpoint. Another's is word for word the one that never was. @throws Problem `endpoint_not_found` */
export async function findEndpoint(records: Records, keyId: string, id: unknown): Promise<Endpoint> {
  const endpoint = typeof id === 'string' && isEndpointId(id) ? await readEndpoint(records, keyId, id) : undefined;
  if (!endpoint) throw new Problem('endpoint_not_found', 'There is no such endpoint.');
  return endpoint;
}
