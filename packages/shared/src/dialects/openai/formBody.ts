import { fieldProblem } from '../../errors/index.ts';

const numbers = new Set(['n', 'partial_images', 'output_compression', 'deadline_seconds']);
const objects = new Set(['labels', 'webhook_metadata', 'webhook_events']);

/**
 * The fields of a form as the JSON of the same request would have them: a form knows only text.
 * @throws Problem `invalid_request`
 */
export function bodyOfForm(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, typed(name, value)]));
}

function typed(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (numbers.has(name)) return value.trim() === '' ? null : Number(value);
  if (name === 'stream' && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  if (!objects.has(name)) return value;
  try {
    return JSON.parse(value);
  } catch {
    throw fieldProblem('invalid_request', name, `\`${name}\` must be JSON.`);
  }
}
