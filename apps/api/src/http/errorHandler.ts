import { type Dialect, errorAnswers } from '@darkroom/shared/dialects';
import { Problem, TaskFailed } from '@darkroom/shared/errors';
import { isRedisUnavailable } from '@darkroom/shared/redis';
import type { Logger } from '@darkroom/shared/telemetry';
import type { ErrorRequestHandler, Request } from 'express';
import { depthMax } from './jsonBody.ts';
import { requestIdOf } from './requestId.ts';

/** When a client may ask again after an outage: Redis restarts within a few seconds. */
const outageRetrySeconds = 5;

/**
 * Turns whatever a route threw into an answer: a Problem in the shape of the request's dialect, an outage into 503, a
 * defect into a bare 500 whose reason stands in the log alone.
 */
export function errorHandler(logger: Logger, dialectOf: (req: Request) => Dialect): ErrorRequestHandler {
  return (error: unknown, req, res, _next) => {
    const problem = error instanceof TaskFailed ? error : asProblem(error);
    if (problem.code === 'internal_error') {
      const err =
        error instanceof Error ? { name: error.name, message: error.message, stack: error.stack } : 'not an Error';
      logger.error({ request_id: requestIdOf(res), err }, 'request failed');
    }
    if (res.headersSent) {
      res.destroy();
      return;
    }
    const { status, body } = errorAnswers[dialectOf(req)](problem);
    if (problem instanceof Problem) {
      res.set(problem.headers);
      if (problem.retryAfterSeconds !== undefined) res.set('retry-after', String(problem.retryAfterSeconds));
    }
    res.status(status).json(body);
  };
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isRedisUnavailable(error)) {
    const message = 'The queue cannot be reached; nothing was accepted. Try again.';
    return new Problem('queue_unavailable', message, { retryAfterSeconds: outageRetrySeconds, cause: error });
  }
  return asBodyProblem(error) ?? new Problem('internal_error', 'Something went wrong on our side.', { cause: error });
}

/** What Express' own body and URL parsers throw, told by their stable `type`. */
function asBodyProblem(error: unknown): Problem | undefined {
  if (error instanceof URIError) return new Problem('route_not_found', 'There is nothing here.');
  const type = error instanceof Error && 'type' in error ? error.type : undefined;
  switch (type) {
    case 'entity.too.large':
      return new Problem('payload_too_large', 'The body is too large; send large images as URLs.');
    case 'entity.parse.failed':
      return new Problem('invalid_json', 'The body is not valid JSON.');
    case 'entity.verify.failed':
      return new Problem('invalid_request', `The body is nested more than ${depthMax} deep.`);
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new Problem('unsupported_media_type', 'Send the body in UTF-8, plain or packed with gzip, deflate or br.');
    case 'request.aborted':
    case 'request.size.invalid':
    case 'stream.encoding.set':
      return new Problem('invalid_request', 'The body did not arrive whole.');
    default:
      // Unpacking failed, or another fault that the parser puts on the request.
      return error instanceof Error && 'status' in error && error.status === 400
        ? new Problem('invalid_request', 'The body cannot be read.')
        : undefined;
  }
}
