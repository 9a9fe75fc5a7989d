import type { Channel } from '../channels/index.ts';
import type { UpstreamSaid } from '../errors/index.ts';

/** A reference image as it goes to the upstream. */
export type UpstreamInput = { url: string } | { bytes: Uint8Array; media_type: string };

/** One attempt of a part, ready to be posted. */
export type Submission = {
  model: string;
  prompt: string;
  task_type: 'text2image' | 'image2image';
  inputs: UpstreamInput[];
  aspect_ratio: string | null;
  output_format: string | null;
  n: number;
  /** the same for every post of one attempt */
  idempotency_key: string;
};

/** What became of a post. The worker acts on `kind` alone; `said` and `why` are for people. */
export type SubmitOutcome =
  | { kind: 'accepted'; upstream_task_id: string }
  /** the request's fault: it would be refused again */
  | { kind: 'refused'; code: 'upstream_refused' | 'content_policy'; said: UpstreamSaid }
  /** the channel's fault: key, credit or permission */
  | { kind: 'refused_channel'; said: UpstreamSaid }
  /** asked to wait; `retry_after_ms` where it said how long */
  | { kind: 'not_now'; retry_after_ms: number | undefined; said: UpstreamSaid }
  /** surely not accepted: the same attempt may be posted again */
  | { kind: 'not_accepted'; why: string; said: UpstreamSaid | null }
  /** may or may not have been accepted */
  | { kind: 'unknown'; why: string };

/** Where a result is: to be fetched, or already here as base64. */
export type UpstreamResult = { url: string } | { base64: string };

/** What a query told. `retry_after_ms` asks for a pause before the next one. */
export type QueryOutcome =
  | { kind: 'running'; progress: number | undefined; unknown_word?: string; retry_after_ms?: number }
  | { kind: 'succeeded'; results: UpstreamResult[] }
  | { kind: 'failed'; reason: FailureReason; said: UpstreamSaid }
  | { kind: 'not_found' }
  /** no word of the task this time: network, overload, an answer that cannot be read */
  | { kind: 'unavailable'; why: string; retry_after_ms?: number };

/** `temporary`: another attempt may succeed; `content_policy` and `request`: it would fail again; `other`: unsaid. */
export type FailureReason = 'temporary' | 'content_policy' | 'request' | 'other';

/**
 * A channel's upstream, whatever its kind. Nothing it does throws for what the upstream or the network did: that is an
 * outcome. Aborting rejects with the signal's reason.
 */
export type UpstreamClient = {
  /**
   * @param lastCheck  awaited when the body is about to be written; when it throws, the post is broken off before the
   *   upstream has all of it, and `submit` rejects with what it threw
   */
  submit(submission: Submission, signal: AbortSignal, lastCheck: () => Promise<void>): Promise<SubmitOutcome>;
  query(upstreamTaskId: string, signal: AbortSignal): Promise<QueryOutcome>;
  /** Asks for an end of a task that nobody wants any more. Rejects where it was not taken: there is nothing to do about it. */
  cancel?(upstreamTaskId: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
};

/** What a client of one channel is made of. */
export type UpstreamSettings = {
  channel: Channel;
  api_key: string;
  timeouts: UpstreamTimeouts;
  /** longest answer that is read, bytes; an answer may hold pictures as base64 */
  answer_bytes_max: number;
  now: () => number;
};

export type UpstreamTimeouts = { connect_ms: number; headers_ms: number; body_ms: number };
