import { Readable } from 'node:stream';
import { Agent, buildConnector, type Dispatcher, request } from 'undici';
import type { UpstreamTimeouts } from './client.ts';

/** The request never left: no connection, no name, no TLS. Whatever it asked for has surely not happened. */
export class NotSent extends Error {
  override name = 'NotSent';
}

/** `lastCheck` objected, so the request was broken off before the upstream had all of it; `cause` is its objection. */
export class BrokenOff extends Error {
  override name = 'BrokenOff';

  constructor(cause: unknown) {
    super('broken off', { cause });
  }
}

/** The answer grew past its bound; it was dropped unread. */
export class AnswerTooLong extends Error {
  override name = 'AnswerTooLong';
}

/** The answer's body does not arrive as a whole: cut off, or silent for too long. */
export class AnswerCutOff extends Error {
  override name = 'AnswerCutOff';
  readonly status: number;

  constructor(status: number, cause: unknown) {
    super('the answer was cut off', { cause });
    this.status = status;
  }
}

export type Answer = { status: number; headers: Dispatcher.ResponseData['headers']; text: string };

/**
 * Connections to one upstream at once. Polls come in bursts: without a limit a worker with 10,000 tasks held 4,000 idle
 * connections, each a file and, at most upstreams, a TLS session.
 */
const connectionsMax = 1000;

/**
 * A pool of connections to one upstream. An error while connecting is marked `NotSent`, so that it is never mistaken
 * for one after the request left: the whole question of paying twice hangs on that difference.
 */
export function upstreamAgent({ connect_ms, headers_ms, body_ms }: UpstreamTimeouts): Agent {
  const connector = buildConnector({ timeout: connect_ms });
  return new Agent({
    connections: connectionsMax,
    headersTimeout: headers_ms,
    bodyTimeout: body_ms,
    connect: (options, done) =>
      connector(options, (...outcome) => {
        const [error, socket] = outcome;
        if (error) done(new NotSent(reasonOf(error), { cause: error }), null);
        else done(null, socket!);
      }),
  });
}

export type Exchange = {
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: Uint8Array;
  /** awaited when the body is about to be written; when it throws, the request is broken off */
  lastCheck?: () => Promise<void>;
  signal: AbortSignal;
};

/**
 * One request and its whole answer, up to a bound.
 * @throws NotSent, AnswerTooLong, AnswerCutOff, BrokenOff, undici's own errors, or the signal's reason
 */
export async function exchange(agent: Agent, url: string, wanted: Exchange, bytesMax: number): Promise<Answer> {
  const { method, headers, body: bytes, lastCheck, signal } = wanted;
  let refusal: { error: unknown } | undefined;
  async function* checkedBody(content: Uint8Array) {
    try {
      await lastCheck?.();
    } catch (error) {
      refusal = { error };
      throw error;
    }
    yield content;
  }
  const body = bytes && Readable.from(checkedBody(bytes), { objectMode: false });
  const length: Record<string, string> = bytes ? { 'content-length': String(bytes.length) } : {};
  try {
    const answer = await request(url, { method, headers: { ...headers, ...length }, body, signal, dispatcher: agent });
    return await readWhole(answer, bytesMax, signal);
  } catch (error) {
    throw refusal ? new BrokenOff(refusal.error) : error;
  }
}

async function readWhole(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  bytesMax: number,
  signal: AbortSignal,
): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bytesMax) throw new AnswerTooLong(`more than ${bytesMax} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    body.destroy();
    signal.throwIfAborted();
    if (error instanceof AnswerTooLong) throw error;
    throw new AnswerCutOff(statusCode, error);
  }
  return { status: statusCode, headers, text: Buffer.concat(chunks).toString('utf8') };
}

/** An error in a word that holds no address: its stable code where it has one, else its name. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'error';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause instanceof Error ? reasonOf(error.cause) : error.name;
}
