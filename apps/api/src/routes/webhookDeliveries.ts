import { parseBody, RecoverBody } from '@darkroom/shared/dialects';
import { fieldProblem, Problem } from '@darkroom/shared/errors';
import { addDeliveryJobs } from '@darkroom/shared/queues';
import {
  type Delivery,
  deliveryIdsOf,
  isDeliveryId,
  publicDelivery,
  readDelivery,
  reopenDelivery,
} from '@darkroom/shared/webhooks';
import type { Request, RequestHandler, Response } from 'express';
import { apiKeyOf } from '../http/authenticate.ts';
import { sendData } from '../http/envelope.ts';
import type { FindTask } from './findTask.ts';
import { findEndpoint, type WebhookDeps } from './webhookEndpoints.ts';

type Deps = WebhookDeps & { findTask: FindTask };

/** What deliveries are asked for: those to an endpoint, or those of a task. */
type Owner = (req: Request, res: Response) => Promise<string>;

const ofEndpoint =
  ({ records }: Deps): Owner =>
  async (req, res) =>
    (await findEndpoint(records, apiKeyOf(res).id, req.params.endpoint_id)).id;

const ofTask =
  ({ findTask }: Deps): Owner =>
  async (req, res) =>
    (await findTask(apiKeyOf(res).id, req.params.task_id)).id;

/** `GET /v1/webhooks/{id}/deliveries` */
export const endpointDeliveriesRoute = (deps: Deps) => listRoute(deps, ofEndpoint(deps));

/** `GET /v1/images/tasks/{id}/deliveries` */
export const taskDeliveriesRoute = (deps: Deps) => listRoute(deps, ofTask(deps));

/** `POST /v1/webhooks/{id}/deliveries/{delivery id}/redeliver` */
export const redeliverToEndpointRoute = (deps: Deps) => redeliverRoute(deps, ofEndpoint(deps), 'endpoint_id');

/** `POST /v1/images/tasks/{id}/deliveries/{delivery id}/redeliver` */
export const redeliverOfTaskRoute = (deps: Deps) => redeliverRoute(deps, ofTask(deps), 'task_id');

/** Deliveries that one recovery looks at; the answer says when there are more. */
const recoverMax = 20_000;

/** `POST /v1/webhooks/{id}/recover` `{"since"}`: sends again what has failed since then. */
export function recoverRoute(deps: Deps): RequestHandler {
  const { records, deliveries } = deps;
  return async (req, res) => {
    const { id: keyId } = apiKeyOf(res);
    const endpoint = await findEndpoint(records, keyId, req.params.endpoint_id);
    const since = Date.parse(parseBody(RecoverBody, req.body).since);
    let recovered = 0;
    for (let at = 0; at < recoverMax; at += 100) {
      const found = await readMany(deps, keyId, endpoint.id, at, 100);
      const failed = found.filter(({ status, created_at_ms }) => status === 'failed' && created_at_ms >= since);
      for (const delivery of failed) await reopenDelivery(records, delivery);
      await addDeliveryJobs(
        deliveries,
        failed.map(({ id }) => ({ key_id: keyId, delivery_id: id })),
      );
      recovered += failed.length;
      if (found.length < 100 || found.at(-1)!.created_at_ms < since) break;
    }
    sendData(res, { recovered });
  };
}

function listRoute(deps: Deps, owner: Owner): RequestHandler {
  return async (req, res) => {
    const { id: keyId } = apiKeyOf(res);
    const of = await owner(req, res);
    const { limit, offset } = pageOf(req.query);
    const found = await readMany(deps, keyId, of, offset, limit + 1);
    const items = found.slice(0, limit).map(publicDelivery);
    const has_more = found.length > limit;
    sendData(res, { items, has_more, next_cursor: has_more ? String(offset + limit) : null });
  };
}

function redeliverRoute(deps: Deps, owner: Owner, of: 'endpoint_id' | 'task_id'): RequestHandler {
  const { records, deliveries } = deps;
  return async (req, res) => {
    const { id: keyId } = apiKeyOf(res);
    const ownerId = await owner(req, res);
    const { delivery_id } = req.params;
    const delivery =
      typeof delivery_id === 'string' && isDeliveryId(delivery_id)
        ? await readDelivery(records, keyId, delivery_id)
        : undefined;
    if (!delivery || delivery[of] !== ownerId) throw new Problem('delivery_not_found', 'There is no such delivery.');
    if (delivery.status !== 'pending') await reopenDelivery(records, delivery);
    await addDeliveryJobs(deliveries, [{ key_id: keyId, delivery_id: delivery.id }]);
    sendData(res, publicDelivery((await readDelivery(records, keyId, delivery_id as never))!));
  };
}

async function readMany(
  { records }: Deps,
  keyId: string,
  of: string,
  offset: number,
  limit: number,
): Promise<Delivery[]> {
  const ids = await deliveryIdsOf(records, keyId, of, offset, limit);
  const found = await Promise.all(ids.map((id) => readDelivery(records, keyId, id)));
  return found.filter((delivery) => delivery !== undefined);
}

function pageOf({ limit, cursor }: Record<string, unknown>): { limit: number; offset: number } {
  const [count, offset] = [
    limit === undefined ? 20 : Number(limit),
    cursor === undefined || cursor === '' ? 0 : Number(cursor),
  ];
  if (!Number.isInteger(count) || count < 1 || count > 100) {
    throw fieldProblem('invalid_request', 'limit', '`limit` must be a number from 1 to 100.');
  }
  if (!Number.isInteger(offset) || offset < 0 || offset > 1_000_000) {
    throw fieldProblem('invalid_request', 'cursor', '`cursor` must be the `next_cursor` of an earlier page.');
  }
  return { limit: count, offset };
}
