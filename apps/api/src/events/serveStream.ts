import type { Logger } from '@darkroom/shared/telemetry';
import type { Response } from 'express';
import { requestIdOf } from '../http/requestId.ts';
import type { EventHub, Listener } from './hub.ts';

const heartbeatMs = 15_000;

/** A reader that has so much unread is too slow: what it gets would be old, and it would cost everybody memory. */
const unreadMax = 1024 * 1024;

/**
 * How long a reader has, after the end, to take what it was sent: half of it cuts off who still reads, over a thin line;
 * double of it keeps twice the memory for readers that never will.
 */
const takeRestMs = 5000;

export type Stream = {
  listener: Listener;
  /** told every heartbeat, to be written */
  beat(text: string): void;
  /** writes all that there is to be told; the stream ends with it */
  run(): Promise<void>;
};

/** Answers with server-sent events while a key's events are listened to. Resolves when the stream has ended. */
export async function serveStream(hub: EventHub, keyId: string, res: Response, stream: Stream): Promise<void> {
  const leave = await hub.listen(keyId, stream.listener);
  const heartbeat = setInterval(() => stream.beat(': heartbeat\n\n'), heartbeatMs);
  try {
    res.set({ 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    res.flushHeaders();
    await stream.run();
  } finally {
    clearInterval(heartbeat);
    leave();
    res.end();
    cutUnlessTaken(res);
  }
}

/** Who reads nothing at all would hold its megabyte, and its connection, for good. */
function cutUnlessTaken(res: Response): void {
  if (res.destroyed) return;
  const cut = setTimeout(() => res.destroy(), takeRestMs);
  res.once('close', () => clearTimeout(cut));
}

/** @returns whether the reader is too slow; it has then been told so, and the stream is to end */
export function isTooSlow(res: Response, logger: Logger): boolean {
  if (res.writableLength <= unreadMax) return false;
  logger.info({ request_id: requestIdOf(res), unread_bytes: res.writableLength }, 'too slow a reader is let go');
  res.write('event: stream.closed\ndata: {"reason":"too_slow"}\n\n');
  return true;
}
