import type { z } from 'zod';
import { Problem } from '../errors/index.ts';

/** So many fields are named: a body of a hundred thousand wrong ones is not worth an answer of megabytes. */
const fieldsMax = 20;

/** One Problem for all that zod found: the first in the message, and the first few in `errors`. */
export function zodProblem(error: z.ZodError): Problem {
  const fields = error.issues.slice(0, fieldsMax).flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ field: fieldOf(issue.path), message: issue.message }];
    return issue.keys.slice(0, fieldsMax).map((key) => ({
      field: fieldOf([...issue.path, key]),
      message: 'is not a field of this request',
    }));
  });
  const [first] = fields;
  return new Problem('invalid_request', `\`${first?.field}\`: ${first?.message}.`, {
    fields: fields.slice(0, fieldsMax),
  });
}

const fieldOf = (path: readonly PropertyKey[]) =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step).slice(0, 100) : `${text}.${String(step).slice(0, 100)}`;
  }, '');
