import { createEgressAgent, type EgressSurface, judgeUrl } from '@darkroom/shared/egress';
import { type Dispatcher, request } from 'undici';

/** What a receiver answered: `retry_after_ms` where it said when to come again. */
export type Answer = { status: number; body: string; retry_after_ms: number | undefined };

export class NotSent extends Error {
  override name = 'NotSent';
}

/** Posts a payload to a receiver. @throws NotSent saying why there is no answer, in words for the receiver's owner */
export type Send = (url: string, payload: string, headers: Record<string, string>) => Promise<Answer>;

export type Sender = { send: Send; close(): Promise<void> };

/** So much of an answer is read and kept. */
const bodyBytesMax = 4096;

/** A receiver that asks for more than this gets the schedule's own pause. */
const retryAfterMaxMs = 24 * 3_600_000;

/**
 * @param totalMs  longest for a whole try, connection and answer together
 * @returns a sender behind the guard of the surface; redirects are answers like any other
 */
export function createSender(surface: EgressSurface, totalMs: number): Sender {
  const agent = createEgressAgent(surface, {
    connectTimeoutMs: Math.min(5000, totalMs),
    headersTimeoutMs: totalMs,
    bodyTimeoutMs: totalMs,
  });
  return { send: (...args) => send(agent, surface, totalMs, args), close: () => agent.destroy() };
}

async function send(
  agent: Dispatcher,
  surface: EgressSurface,
  totalMs: number,
  [url, payload, headers]: Parameters<Send>,
): Promise<Answer> {
  const judged = judgeUrl(url, surface);
  if (!judged.ok) throw new NotSent(`the URL is not allowed: ${judged.reason}`);
  const signal = AbortSignal.timeout(totalMs);
  try {
    const answer = await request(judged.url, { dispatcher: agent, method: 'POST', body: payload, headers, signal });
    return {
      status: answer.statusCode,
      body: await begin(answer.body),
      retry_after_ms: retryAfterOf(answer.headers['retry-after']),
    };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EGRESS_REFUSED') {
      throw new NotSent('the address may not be called');
    }
    if (signal.aborted) throw new NotSent(`no answer within ${totalMs / 1000} s`);
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no connection';
    throw new NotSent(`no answer: ${code}`);
  }
}

/** The begin of an answer as text; the rest is broken off, since it may be endless. */
async function begin(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= bodyBytesMax) break;
    }
  } finally {
    body.on('error', () => undefined);
    body.destroy();
  }
  const text = Buffer.concat(chunks).subarray(0, bodyBytesMax).toString('utf8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
}

function retryAfterOf(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string') return undefined;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms >= 0 && ms <= retryAfterMaxMs ? ms : undefined;
}
