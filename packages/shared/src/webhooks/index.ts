export {
  createDelivery,
  type Delivery,
  deliveryIdsOf,
  noteTry,
  publicDelivery,
  readDelivery,
  reopenDelivery,
  type Try,
} from './deliveries.ts';
export { type DispatchDeps, dispatch, dispatchTaskEnd, dispatchTaskStart, type Happening } from './dispatch.ts';
export {
  changeEndpoint,
  createEndpoint,
  type Endpoint,
  endpointsMax,
  failureFields,
  keySecretOf,
  listEndpoints,
  publicEndpoint,
  readEndpoint,
  removeEndpoint,
  rotateKeySecret,
  rotateSecret,
  secretsOf,
} from './endpoints.ts';
export { endEventOf, subscribable, takes, type WebhookEvent, webhookEvents } from './events.ts';
export { type DeliveryId, deliveryIdOf, type EndpointId, isDeliveryId, isEndpointId } from './ids.ts';
export { newSecret, type Seal, sealOf } from './secrets.ts';
