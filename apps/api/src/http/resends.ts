import type { Request } from 'express';

/**
 * How often an SDK has sent this request before, by `x-stainless-retry-count` (OpenAI's clients, and others made by the
 * same generator). They send an order again by themselves after a lost reply, 408, 409, 429 and 5xx.
 * @returns undefined for a client that does not count
 */
export function sentBeforeOf(req: Request): number | undefined {
  const count = req.get('x-stainless-retry-count');
  return count !== undefined && /^\d{1,4}$/.test(count) ? Number(count) : undefined;
}
