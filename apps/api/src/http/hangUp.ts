import type { Response } from 'express';

/** Aborts when the client is no longer there to be answered. */
export function hangUpSignal(res: Response): AbortSignal {
  const controller = new AbortController();
  res.once('close', () => controller.abort());
  return controller.signal;
}
