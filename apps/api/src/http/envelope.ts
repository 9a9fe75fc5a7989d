import type { Response } from 'express';

/** Answers in the native envelope. */
export function sendData(res: Response, data: object): void {
  res.json({ code: 'success', message: '', data });
}
