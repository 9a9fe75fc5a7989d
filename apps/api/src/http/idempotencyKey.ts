import { fieldProblem } from '@darkroom/shared/errors';
import type { Request } from 'express';

const lengthMax = 255;

/** The client's `Idempotency-Key`, if it sent one. @throws Problem `invalid_request` for an empty or overlong one */
export function idempotencyKeyOf(req: Request): string | undefined {
  const key = req.get('idempotency-key');
  if (key === undefined) return undefined;
  if (key.length >= 1 && key.length <= lengthMax) return key;
  throw fieldProblem(
    'invalid_request',
    'Idempotency-Key',
    `\`Idempotency-Key\` must have 1 to ${lengthMax} characters.`,
  );
}
