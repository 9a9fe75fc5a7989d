import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Behaviour } from '../behaviour/directives.ts';
import { playedRefusals, sendRefusal } from '../protocol/refusal.ts';

/** One request and the answer to it. */
export type Exchange = { req: IncomingMessage; res: ServerResponse };

export type RefusalFault = keyof typeof playedRefusals;
export const isRefusal = (fault: string): fault is RefusalFault => Object.hasOwn(playedRefusals, fault);

/** Sends the refusal that a directive asks for. @returns the status sent */
export function playRefusal({ res }: Exchange, fault: RefusalFault, behaviour: Behaviour, code: string): number {
  const refusal = { ...playedRefusals[fault], ...(code === 'default' ? {} : { code }) };
  const mayWait = refusal.status === 429 || refusal.status === 503;
  sendRefusal(res, refusal, behaviour.error_body, mayWait ? retryAfter(behaviour.retry_after) : {});
  return refusal.status;
}

function retryAfter(value: Behaviour['retry_after']): Record<string, string> {
  if (value === 'none') return {};
  if (typeof value === 'number') return { 'retry-after': String(value) };
  // A date has whole seconds: rounded up, so that it is never sooner than asked.
  const at = Math.ceil(Date.now() / 1000 + Number(value.slice('date:'.length))) * 1000;
  return { 'retry-after': new Date(at).toUTCString() };
}

/** A page as proxies in front of an upstream send it: no client of the protocol can read it. */
export function playPage({ res }: Exchange, status: number): number {
  const page = `<html><head><title>${status}</title></head><body><center><h1>${status}</h1></center></body></html>\n`;
  res.writeHead(status, { 'content-type': 'text/html', 'content-length': page.length });
  res.end(page);
  return status;
}

/** Ends the connection with a reset (RST), as a crashed peer does. */
export function playReset({ req }: Exchange): void {
  req.socket.resetAndDestroy();
}

/** JSON that breaks off in the middle. */
export function playGarbage({ res }: Exchange): number {
  const body = '{"code":"success","message":"","data":{"task_';
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  res.end(body);
  return 200;
}

const endlessChunk = Buffer.alloc(64 * 1024, ' ');

/** Sends a body without end, as fast as it is taken, until the client goes away. */
export function playEndless({ res }: Exchange, contentType: string, head: string | Buffer): number {
  res.writeHead(200, { 'content-type': contentType });
  res.write(head);
  const more = () => {
    if (res.destroyed) return;
    if (res.write(endlessChunk)) setImmediate(more);
    else res.once('drain', more);
  };
  more();
  return 200;
}

/** Waits, or not so long when the client goes away. */
export function wait(ms: number, { res }: Exchange): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    res.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** The milliseconds of `slow:<ms>`, or undefined for any other fault. */
export function slowMs(fault: string): number | undefined {
  return fault.startsWith('slow:') ? Number(fault.slice('slow:'.length)) : undefined;
}
