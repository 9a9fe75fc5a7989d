export type {
  FailureReason,
  QueryOutcome,
  Submission,
  SubmitOutcome,
  UpstreamClient,
  UpstreamInput,
  UpstreamResult,
  UpstreamTimeouts,
} from './client.ts';
export { reasonOf } from './exchange.ts';
export { type UpstreamSettings, upstreamClient } from './kinds.ts';
