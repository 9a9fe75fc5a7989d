import type { GenerationDeps } from './deps.ts';
import { stopOf } from './stop.ts';

/** How long a post may still take when the process is told to go; the drain as a whole has 5 s. */
const closingGraceMs = 4000;

/**
 * The signal of a post. A lost lease breaks it off at once. A closing process lets it finish for a moment, and a cancel
 * altogether, since only its answer tells which upstream task may be charged.
 */
export function postSignal({ pause }: Pick<GenerationDeps, 'pause'>, signal: AbortSignal) {
  const controller = new AbortController();
  const over = new AbortController();
  const breakOff = (reason: string) => controller.abort(reason);
  const pass = () => {
    const { reason } = stopOf(signal);
    if (reason === 'closing') {
      pause(closingGraceMs, over.signal).then(
        () => breakOff(reason),
        () => undefined,
      );
    } else if (reason !== 'canceled') breakOff(reason);
  };
  if (signal.aborted) pass();
  else signal.addEventListener('abort', pass, { once: true });
  return {
    signal: controller.signal,
    end: () => {
      // With a reason of its own: without one, an error with its stack is made for each post.
      over.abort('over');
      signal.removeEventListener('abort', pass);
    },
  };
}
