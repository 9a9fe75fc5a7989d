import { EndpointBody, EndpointChangeBody, RecoverBody } from '@darkroom/shared/dialects';
import type { Operation } from './operation.ts';
import {
  DeletedEndpointAnswer,
  DeliveriesAnswer,
  DeliveryAnswer,
  EndpointAnswer,
  EndpointsAnswer,
  RecoveredAnswer,
  SecretAnswer,
} from './webhookAnswers.ts';

const common = { tag: 'Webhooks', dialect: 'native', opens: 'key' } as const;
const page = { limit: '1-100, 20 where left out', cursor: '`next_cursor` of the page before' };
const endpoint = '/v1/webhooks/{endpoint_id}';
const task = '/v1/images/tasks/{task_id}';
const made = { 200: { says: 'The endpoint; its secret is told now and never again', schema: EndpointAnswer } };

export const webhookOperations: readonly Operation[] = [
  {
    ...common,
    method: 'post',
    path: '/v1/webhooks',
    summary: 'Register an endpoint; without `events` it hears all but `task.started`',
    body: {
      schema: EndpointBody,
      example: { url: 'https://example.com/hook', events: ['task.succeeded', 'task.failed'] },
    },
    answers: made,
  },
  {
    ...common,
    method: 'get',
    path: '/v1/webhooks',
    summary: 'List the endpoints of this key',
    answers: { 200: { says: 'All of them', schema: EndpointsAnswer } },
  },
  {
    ...common,
    method: 'get',
    path: '/v1/webhooks/secret',
    summary: 'The key’s own secret, which signs what is sent to a request’s `webhook_url`',
    answers: { 200: { says: 'The secret', schema: SecretAnswer } },
  },
  {
    ...common,
    method: 'post',
    path: '/v1/webhooks/secret/rotate',
    summary: 'Give the key a new secret of its own; the old one signs beside it for a day',
    answers: { 200: { says: 'The new secret', schema: SecretAnswer } },
  },
  {
    ...common,
    method: 'get',
    path: endpoint,
    summary: 'An endpoint',
    answers: { 200: { says: 'The endpoint', schema: EndpointAnswer } },
  },
  {
    ...common,
    method: 'patch',
    path: endpoint,
    summary: 'Change an endpoint: where, what, and whether',
    body: { schema: EndpointChangeBody, example: { enabled: true } },
    answers: { 200: { says: 'The endpoint', schema: EndpointAnswer } },
  },
  {
    ...common,
    method: 'delete',
    path: endpoint,
    summary: 'Remove an endpoint',
    answers: { 200: { says: 'It is gone', schema: DeletedEndpointAnswer } },
  },
  {
    ...common,
    method: 'post',
    path: `${endpoint}/rotate`,
    summary: 'Give an endpoint a new secret; the old one signs beside it for a day',
    answers: made,
  },
  {
    ...common,
    method: 'post',
    path: `${endpoint}/test`,
    summary: 'Send a `webhook.test`',
    answers: { 200: { says: 'Its delivery', schema: DeliveryAnswer } },
  },
  {
    ...common,
    method: 'post',
    path: `${endpoint}/recover`,
    summary: 'Send again what has failed since a time',
    body: { schema: RecoverBody, example: { since: '2026-01-31T22:00:00Z' } },
    answers: { 200: { says: 'How many', schema: RecoveredAnswer } },
  },
  {
    ...common,
    method: 'get',
    path: `${endpoint}/deliveries`,
    summary: 'Deliveries to an endpoint, newest first',
    query: page,
    answers: { 200: { says: 'A page of deliveries', schema: DeliveriesAnswer } },
  },
  {
    ...common,
    method: 'post',
    path: `${endpoint}/deliveries/{delivery_id}/redeliver`,
    summary: 'Send a delivery again',
    answers: { 200: { says: 'The delivery', schema: DeliveryAnswer } },
  },
  {
    ...common,
    method: 'get',
    path: `${task}/deliveries`,
    summary: 'Deliveries of a task’s events, newest first',
    query: page,
    answers: { 200: { says: 'A page of deliveries', schema: DeliveriesAnswer } },
  },
  {
    ...common,
    method: 'post',
    path: `${task}/deliveries/{delivery_id}/redeliver`,
    summary: 'Send a delivery again',
    answers: { 200: { says: 'The delivery', schema: DeliveryAnswer } },
  },
];
