import type { z } from 'zod';
import { Problem } from '../errors/index.ts';

/** One Problem for all that zod found: the first in the message, every one in `errors`. */
export function zodProblem(error: z.ZodError): Problem {
  const fields = error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ field: fieldOf(issue.path), message: issue.message }];
    return issue.keys.map((key) => ({
      field: fieldOf([...issue.path, key]),
      message: 'is not a field of this request',
    }));
  });
  const [first] = fields;
  return new Problem('invalid_request', `\`${first?.field}\`: ${first?.message}.`, { fields });
}

const fieldOf = (path: readonly PropertyKey[]) =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step).slice(0, 100) : `${text}.${String(step).slice(0, 100)}`;
  }, '');
