export type {
  FailureReason,
  QueryOutcome,
  Submission,
  SubmitOutcome,
  UpstreamClient,
  UpstreamInput,
  UpstreamResult,
  UpstreamSettings,
  UpstreamTimeouts,
} from './client.ts';
export { reasonOf } from './exchange.ts';
export { upstreamClient } from './kinds.ts';
