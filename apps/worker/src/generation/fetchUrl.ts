import { pipeline, type Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBrotliDecompress, createUnzip } from 'node:zlib';
import { createEgressAgent, type EgressSurface, judgeUrl } from '@darkroom/shared/egress';
import type { UpstreamTimeouts } from '@darkroom/shared/upstream';
import { type Dispatcher, request } from 'undici';
import { within } from './within.ts';

/** Why something could not be fetched. `gone`: the URL answers that it is not there or not for us. */
export type FetchFault = 'not_allowed' | 'gone' | 'unavailable';

export class FetchFailed extends Error {
  override name = 'FetchFailed';
  readonly fault: FetchFault;

  constructor(fault: FetchFault, message: string, cause?: unknown) {
    super(message, { cause });
    this.fault = fault;
  }
}

/** Opens a URL of others for reading, behind the guard of its surface. */
export type Fetcher = {
  /** @throws FetchFailed; or the signal's reason */
  open(url: string, signal: AbortSignal): Promise<Readable>;
  close(): Promise<void>;
};

/** Fetches at once in one process: bounds memory and sockets whatever the number of tasks that end together. */
const atOnceMax = 64;

/** Redirects followed for one fetch; each target is judged like the first. */
const redirectsMax = 3;

/**
 * @param totalMs  longest time for one whole fetch: a server that drips a byte at a time keeps no worker
 */
export function createFetcher(surface: EgressSurface, timeouts: UpstreamTimeouts, totalMs: number): Fetcher {
  const agent = createEgressAgent(surface, {
    connectTimeoutMs: timeouts.connect_ms,
    headersTimeoutMs: timeouts.headers_ms,
    bodyTimeoutMs: timeouts.body_ms,
    connections: atOnceMax,
  });
  return {
    async open(url, signal) {
      const limit = within(signal, totalMs);
      try {
        const answer = await follow(agent, surface, url, limit.signal, signal);
        // The time counts until the last byte.
        answer.body.once('close', limit.end);
        return unpacked(answer);
      } catch (error) {
        limit.end();
        throw error;
      }
    },
    close: () => agent.destroy(),
  };
}

/** Asks for a URL, and follows where it leads. @returns an answer that is the thing itself */
async function follow(
  agent: Dispatcher,
  surface: EgressSurface,
  url: string,
  bounded: AbortSignal,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  let next = url;
  for (let redirects = 0; redirects <= redirectsMax; redirects++) {
    const judged = judgeUrl(next, surface);
    if (!judged.ok) throw new FetchFailed('not_allowed', judged.reason);
    const answer = await ask(agent, judged.url, bounded, signal);
    if (answer.statusCode === 200) return answer;
    await drop(answer);
    next = targetOf(answer, judged.url);
  }
  throw new FetchFailed('unavailable', 'the address redirects too often');
}

async function ask(agent: Dispatcher, url: URL, bounded: AbortSignal, signal: AbortSignal) {
  try {
    return await request(url, {
      dispatcher: agent,
      signal: bounded,
      headers: { 'accept-encoding': 'identity', accept: 'image/*' },
    });
  } catch (error) {
    signal.throwIfAborted();
    const refused = error instanceof Error && 'code' in error && error.code === 'EGRESS_REFUSED';
    if (refused && !(error as { unresolved?: boolean }).unresolved) {
      throw new FetchFailed('not_allowed', 'the address may not be called', error);
    }
    throw new FetchFailed('unavailable', 'the address does not answer', error);
  }
}

/** Where an answer that is not the thing itself leads. @throws FetchFailed when it leads nowhere */
function targetOf({ statusCode, headers }: Dispatcher.ResponseData, from: URL): string {
  const { location } = headers;
  const redirects = [301, 302, 303, 307, 308].includes(statusCode);
  if (redirects && typeof location === 'string' && URL.canParse(location, from.href))
    return new URL(location, from.href).href;
  const gone = statusCode === 404 || statusCode === 403 || statusCode === 410;
  throw new FetchFailed(gone ? 'gone' : 'unavailable', `the address answered ${statusCode}`);
}

/** The body as it was before the sender packed it in spite of `identity`. The reader bounds what comes out. */
function unpacked({ headers, body }: Dispatcher.ResponseData): Readable {
  const encoding = String(headers['content-encoding'] ?? 'identity').toLowerCase();
  if (encoding === 'identity' || encoding === '') return body;
  const unpack = encoding === 'br' ? createBrotliDecompress() : createUnzip();
  return pipeline(body, unpack, () => undefined);
}

/** An answer nobody reads is broken off: its body may be endless. */
async function drop(answer: Dispatcher.ResponseData): Promise<void> {
  answer.body.on('error', () => undefined);
  answer.body.destroy();
  await sleep(0);
}
