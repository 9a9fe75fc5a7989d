import { fieldProblem } from '@darkroom/shared/errors';
import { isTaskId, type ListPosition, type TaskFilter, type TaskStatus, taskStatuses } from '@darkroom/shared/tasks';

export type ListQuery = { limit: number; after: ListPosition | undefined; filter: TaskFilter };

const limitDefault = 20;
const limitMax = 100;

/**
 * Parses the query of a list: `limit`, `cursor`, `status`, `model`, `label=key:value` (also several).
 * @throws Problem `invalid_request`
 */
export function parseListQuery(query: Record<string, unknown>): ListQuery {
  const { limit, cursor, status, model, label } = query;
  return {
    limit: limitOf(limit),
    after: positionOf(cursor),
    filter: {
      ...(status === undefined ? {} : { status: statusOf(status) }),
      ...(model === undefined ? {} : { model: textOf('model', model) }),
      ...(label === undefined ? {} : { labels: (Array.isArray(label) ? label : [label]).map(labelOf) }),
    },
  };
}

/** Where a page ended, as an opaque text. */
export function cursorOf({ created_at_ms, id }: ListPosition): string {
  return Buffer.from(JSON.stringify([created_at_ms, id])).toString('base64url');
}

function positionOf(cursor: unknown): ListPosition | undefined {
  if (cursor === undefined || cursor === '') return undefined;
  try {
    const [created_at_ms, id] = JSON.parse(Buffer.from(textOf('cursor', cursor), 'base64url').toString()) as unknown[];
    if (Number.isSafeInteger(created_at_ms) && typeof id === 'string' && isTaskId(id)) {
      return { created_at_ms: created_at_ms as number, id };
    }
  } catch {
    // Not of our making, as the next line says.
  }
  throw fieldProblem('invalid_request', 'cursor', '`cursor` must be the `next_cursor` of an earlier page.');
}

function limitOf(limit: unknown): number {
  if (limit === undefined) return limitDefault;
  const number = typeof limit === 'string' && /^\d{1,4}$/.test(limit) ? Number(limit) : 0;
  if (number >= 1 && number <= limitMax) return number;
  throw fieldProblem('invalid_request', 'limit', `\`limit\` must be a number from 1 to ${limitMax}.`);
}

function statusOf(status: unknown): TaskStatus {
  if ((taskStatuses as readonly unknown[]).includes(status)) return status as TaskStatus;
  throw fieldProblem('invalid_request', 'status', `\`status\` must be one of ${taskStatuses.join(', ')}.`);
}

function textOf(field: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw fieldProblem('invalid_request', field, `\`${field}\` may be given once.`);
}

function labelOf(label: unknown): [string, string] {
  const colon = typeof label === 'string' ? label.indexOf(':') : -1;
  if (typeof label === 'string' && colon > 0) return [label.slice(0, colon), label.slice(colon + 1)];
  throw fieldProblem('invalid_request', 'label', '`label` must be `key:value`.');
}
