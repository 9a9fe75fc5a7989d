import { setTimeout as pause } from 'node:timers/promises';

/** Longest a condition is waited for: less than a test may take, so that the test says which one it was. */
const boundMs = 20_000;

/**
 * Resolves once a condition holds that nothing announces (a file, a key in Redis). Where there is an event, wait for it.
 * @throws Error after 20 s
 */
export async function awaited(holds: () => Promise<boolean> | boolean): Promise<void> {
  const until = Date.now() + boundMs;
  while (!(await holds())) {
    if (Date.now() > until) throw new Error(`not within ${boundMs} ms: ${holds}`);
    await pause(20);
  }
}
