import type { ServerResponse } from 'node:http';
import type { Behaviour } from '../behaviour/directives.ts';

/** An answer outside 2xx that the protocol knows. */
export type Refusal = { status: number; code: string; message: string };

/** Thrown by whatever reads a request; the route turns it into an answer. */
export class Refused extends Error {
  readonly refusal: Refusal;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'Refused';
    this.refusal = { status, code, message };
  }
}

/** The refusals that are played on demand, by status. */
export const playedRefusals = {
  '400': { status: 400, code: 'invalid_request', message: 'the request is invalid' },
  '401': { status: 401, code: 'unauthorized', message: 'invalid API key' },
  '402': { status: 402, code: 'insufficient_balance', message: 'the account has no balance left' },
  '403': { status: 403, code: 'forbidden', message: 'the account may not do this' },
  '404': { status: 404, code: 'not_found', message: 'no such model or route' },
  '413': { status: 413, code: 'payload_too_large', message: 'the request is too large' },
  '422': { status: 422, code: 'unprocessable', message: 'the request cannot be processed' },
  '429': { status: 429, code: 'rate_limited', message: 'too many requests' },
  '500': { status: 500, code: 'internal_error', message: 'internal error' },
  '502': { status: 502, code: 'bad_gateway', message: 'no answer from the backend' },
  '503': { status: 503, code: 'overloaded', message: 'the service is overloaded' },
} as const satisfies Record<string, Refusal>;

export const noSuchTask: Refusal = { status: 404, code: 'task_not_found', message: 'task does not exist' };

/** The body of a refusal in the shape that `error_body` asks for. */
export function refusalBody(refusal: Refusal, shape: Behaviour['error_body']): object {
  if (shape === 'code') return { code: refusal.code, message: refusal.message, data: null };
  const type = refusal.status >= 500 ? 'server_error' : 'invalid_request_error';
  return { error: { message: refusal.message, type, param: null, code: refusal.code } };
}

/** Sends JSON with its length, so that the connection can be used again. */
export function sendJson(res: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = JSON.stringify(body);
  res.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  res.end(text);
}

export function sendRefusal(
  res: ServerResponse,
  refusal: Refusal,
  shape: Behaviour['error_body'],
  headers: Record<string, string> = {},
) {
  sendJson(res, refusal.status, refusalBody(refusal, shape), headers);
}
