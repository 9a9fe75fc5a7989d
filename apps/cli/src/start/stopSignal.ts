import type { Clock } from '../processes/clock.ts';

/**
 * A second Ctrl-C within this time is the first one again: npx and pnpm pass on a signal that the terminal has sent to
 * the whole group already.
 */
const echo_ms = 1000;

/** The events of `process` that mean "end". */
export interface SignalSource {
  on(signal: NodeJS.Signals, act: () => void): unknown;
  off(signal: NodeJS.Signals, act: () => void): unknown;
}

/**
 * Turns Ctrl-C, SIGTERM and SIGHUP into an abort signal; a second one calls `hurry`, which is to kill what is left.
 * @returns the signal; `stop` aborts it from inside and never hurries; `close` gives the events back
 */
export function stopSignal(source: SignalSource, clock: Pick<Clock, 'now_ms'>, hurry: () => void) {
  const controller = new AbortController();
  let first_ms = 0;
  const stop = () => {
    if (controller.signal.aborted) return;
    first_ms = clock.now_ms();
    controller.abort();
  };
  const act = () => {
    if (!controller.signal.aborted) stop();
    else if (clock.now_ms() - first_ms > echo_ms) hurry();
  };
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of signals) source.on(name, act);
  return {
    signal: controller.signal,
    stop,
    close: () => {
      for (const name of signals) source.off(name, act);
    },
  };
}

/** Resolves when the signal has fired. */
export function untilStopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
