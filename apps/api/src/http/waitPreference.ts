import { fieldProblem } from '@darkroom/shared/errors';

/** Longest that an answer is held, seconds; proxies in between end silent requests after a minute. */
const waitMax = 60;

/**
 * How long the answer to a POST may be held, from `Prefer: wait=SECONDS` (RFC 7240). More than the most is the most;
 * what cannot be read is ignored, as the RFC asks.
 * @returns ms
 */
export function waitOfPrefer(header: string | undefined): number {
  const match = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?(?:$|[,;\s])/i.exec(header ?? '');
  return match ? Math.min(waitMax, Number(match[1])) * 1000 : 0;
}

/** How long the answer to a query may be held, from `?wait=SECONDS`. @returns ms @throws Problem `invalid_request` */
export function waitOfQuery(value: unknown): number {
  if (value === undefined) return 0;
  if (typeof value !== 'string' || !/^\d{1,6}(\.\d{1,3})?$/.test(value)) {
    throw fieldProblem('invalid_request', 'wait', `\`wait\` must be a number of seconds, up to ${waitMax}.`);
  }
  return Math.min(waitMax, Number(value)) * 1000;
}
