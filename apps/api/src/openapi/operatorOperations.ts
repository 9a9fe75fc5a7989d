import { CapChange } from '../admin/operateChannel.ts';
import type { Operation } from './operation.ts';
import {
  ChannelAnswer,
  ChannelsAnswer,
  DuplicatesAnswer,
  HealthAnswer,
  OrphansAnswer,
  ReadyAnswer,
} from './operatorAnswers.ts';

const common = { tag: 'Operations', dialect: 'native' } as const;
const admin = { ...common, opens: 'admin' } as const;
const open = { ...common, opens: 'nothing' } as const;

export const operatorOperations: readonly Operation[] = [
  {
    ...open,
    method: 'get',
    path: '/healthz',
    summary: 'Whether the process lives',
    answers: { 200: { says: 'It does', schema: HealthAnswer } },
  },
  {
    ...open,
    method: 'get',
    path: '/readyz',
    summary: 'Whether tasks can be taken in',
    answers: { 200: { says: 'They can', schema: ReadyAnswer } },
    refusals: { 503: 'Redis or storage does not answer, or the process drains' },
  },
  {
    ...common,
    opens: 'signature',
    method: 'get',
    path: '/files/{task}/{name}',
    summary: 'A stored picture, to whoever bears its signed URL',
    query: { exp: 'expiry', kid: 'id of the signing key', sig: 'signature' },
    answers: { 200: { says: 'The picture', media: 'image/*' }, 206: { says: 'A range of it', media: 'image/*' } },
    refusals: { 403: 'The URL is not signed here, or has expired' },
  },
  {
    ...admin,
    method: 'get',
    path: '/metrics',
    summary: 'Metrics in Prometheus’ text format',
    answers: { 200: { says: 'The metrics', media: 'text/plain' } },
  },
  {
    ...admin,
    method: 'get',
    path: '/admin/channels',
    summary: 'State, load and bounds of every channel',
    answers: { 200: { says: 'The channels', schema: ChannelsAnswer } },
  },
  {
    ...admin,
    method: 'patch',
    path: '/admin/channels/{id}',
    summary: 'Change a channel’s in-flight cap at once; null gives way to the configuration',
    body: { schema: CapChange, example: { max_in_flight: 50 } },
    answers: { 200: { says: 'The channel', schema: ChannelAnswer } },
  },
  {
    ...admin,
    method: 'post',
    path: '/admin/channels/{id}/pause',
    summary: 'Submit nothing more through a channel; what is in flight goes on',
    answers: { 200: { says: 'The channel', schema: ChannelAnswer } },
  },
  {
    ...admin,
    method: 'post',
    path: '/admin/channels/{id}/resume',
    summary: 'Submit through a channel again',
    answers: { 200: { says: 'The channel', schema: ChannelAnswer } },
  },
  {
    ...admin,
    method: 'get',
    path: '/admin/orphans',
    summary: 'Upstream tasks that no record claims, with their price',
    answers: { 200: { says: 'The orphans', schema: OrphansAnswer } },
  },
  {
    ...admin,
    method: 'get',
    path: '/admin/duplicates',
    summary: 'Submissions that may have been paid for twice, with their price',
    answers: { 200: { says: 'The possible duplicates', schema: DuplicatesAnswer } },
  },
];
