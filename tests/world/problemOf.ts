import { Problem } from '@darkroom/shared/errors';

/** The Problem that a call is refused with; whatever else it throws, and its success, are failures of the test. */
export function problemOf(call: () => unknown): Problem {
  try {
    call();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** A refusal as tests compare it: its code, and the first field it names. */
export function refusalOf(call: () => unknown): [code: string, field: string | undefined] {
  const { code, fields } = problemOf(call);
  return [code, fields[0]?.field];
}
