/**
 * Something needed cannot be had. The message is one sentence for the person at the terminal: what is missing, and
 * what would help. `main.ts` prints it without a stack and exits with 1.
 */
export class CannotGoOn extends Error {
  override name = 'CannotGoOn';
}
