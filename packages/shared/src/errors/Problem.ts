import { type ProblemCode, type ProblemKind, problems } from './problems.ts';

export type ProblemField = { field: string; message: string };

type ProblemDetails = {
  /** The fields of the request that were wrong, each with what would be right. */
  fields?: ProblemField[];
  /** Seconds until a repeat makes sense; sent as `Retry-After`. */
  retryAfterSeconds?: number;
  /** Further response headers the status demands, e.g. `Allow` with 405. */
  headers?: Record<string, string>;
  cause?: unknown;
};

/**
 * A refusal with a stable code. Code everywhere throws it and knows no dialect; the API turns it into the shape of
 * the dialect that was spoken. The message is for the client: it says what was wrong and what would be right, and
 * never holds a secret, a host name or a stack.
 */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly fields: ProblemField[];
  readonly retryAfterSeconds: number | undefined;
  readonly headers: Record<string, string>;

  constructor(code: ProblemCode, message: string, details: ProblemDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'Problem';
    this.code = code;
    this.fields = details.fields ?? [];
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.headers = details.headers ?? {};
  }

  get status(): number {
    return problems[this.code].status;
  }

  /** How it shows in each dialect. */
  get kind(): ProblemKind {
    return problems[this.code];
  }
}

/** A refusal that one field of the request caused: the field is named both in the message's place and in `errors`. */
export function fieldProblem(code: ProblemCode, field: string, message: string): Problem {
  return new Problem(code, message, { fields: [{ field, message }] });
}
