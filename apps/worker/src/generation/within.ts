/** Node counts no further: a longer wait fires at once. */
const longestMs = 2 ** 31 - 1;

/** A signal with a time limit, for as long as it is needed. */
export type Within = {
  signal: AbortSignal;
  /** lets go of the timer and of the outer signal */
  end(): void;
};

/**
 * Aborts with an outer signal, or after so many ms. `AbortSignal.timeout` would keep its timer, and all that listens to it,
 * until the time is over, however soon the work is done: of a task with a day's deadline, for a day.
 */
export function within(outer: AbortSignal, ms: number): Within {
  const controller = new AbortController();
  const pass = () => controller.abort(outer.reason);
  const timer = setTimeout(
    () => controller.abort(new DOMException('The time is over.', 'TimeoutError')),
    Math.min(Math.max(0, ms), longestMs),
  );
  const end = () => {
    clearTimeout(timer);
    outer.removeEventListener('abort', pass);
  };
  if (outer.aborted) pass();
  else outer.addEventListener('abort', pass, { once: true });
  return { signal: controller.signal, end };
}
