import {
  type Batch,
  type BatchId,
  type Line,
  type LineReason,
  lineTaskId,
  parseLine,
  type RequestLine,
  unitsOf,
} from '../batches/index.ts';
import { parseImagesRequest, parseTaskRequest, type TaskRequest } from '../dialects/index.ts';
import { fieldProblem, Problem } from '../errors/index.ts';
import { times } from '../tasks/index.ts';
import type { AcceptDeps } from './acceptTask.ts';
import { admit } from './admit.ts';
import { judgeImages } from './inputs.ts';

/** A line that can be run: what is to be made, and what it may cost at most, in money units. */
export type Runnable = { line: number; next_byte: number; request: TaskRequest; cost: number };

/** What of a batch its lines are held against. */
type Judgeable = Pick<Batch, 'id' | 'endpoint' | 'priority'>;

export type Judged = Runnable | { line: number; next_byte: number; reason: LineReason };

/** Holds a line against its endpoint's dialect and its model's rules, as the endpoint itself would. */
export function judgeLine(admission: Pick<AcceptDeps, 'models' | 'limits'>, batch: Judgeable, line: Line): Judged {
  const { next_byte } = line;
  try {
    const request = taskOf(batch, line);
    // Pictures within the line are looked at now, so that the line is refused before money is held for it.
    judgeImages(request.images, admission.limits.image_bytes);
    const { unit_price } = admit(admission.models, request, lineTaskId(batch.id as BatchId, line.line));
    return { line: line.line, next_byte, request, cost: unitsOf(times(unit_price, request.n)) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { line: line.line, next_byte, reason: reasonOf(error) };
  }
}

export function reasonOf({ status, code, message }: Problem): LineReason {
  return { status_code: status, code, message: message.slice(0, 500) };
}

/** How a line's answer shows its pictures. */
export function formatOf(batch: Batch, line: Line): 'url' | 'b64_json' {
  const { body } = parseLine(line, batch.endpoint) as RequestLine;
  return body.response_format === 'b64_json' ? 'b64_json' : 'url';
}

function taskOf(batch: Judgeable, line: Line): TaskRequest {
  const parsed = parseLine(line, batch.endpoint);
  if ('code' in parsed) throw new Problem('invalid_request', String(parsed.message));
  const request = requestOf(batch.endpoint, parsed as RequestLine);
  return { ...request, priority: batch.priority };
}

function requestOf(endpoint: Batch['endpoint'], { body }: RequestLine): TaskRequest {
  if (endpoint === '/v1/images/tasks') return parseTaskRequest(body);
  const { task, answer } = parseImagesRequest(endpoint === '/v1/images/edits' ? 'edits' : 'generations', body);
  if (answer.stream)
    throw fieldProblem('invalid_request', 'stream', 'A line of a batch cannot be streamed; leave it out.');
  return task;
}
