import type { Clock } from '../processes/clock.ts';

/** A clock that tests move; what is due runs inside `advance`, in its order. */
export function manualClock(): Clock & { advance(by_ms: number): void; waiting(): number[] } {
  let now_ms = 0;
  let timers: { at_ms: number; act: () => void }[] = [];
  const after = (wait_ms: number, act: () => void) => {
    const timer = { at_ms: now_ms + wait_ms, act };
    timers.push(timer);
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  };
  return {
    now_ms: () => now_ms,
    after,
    pause: (wait_ms) => new Promise((resolve) => void after(wait_ms, resolve)),
    /** How long each timer still has, in ms. */
    waiting: () => timers.map(({ at_ms }) => at_ms - now_ms),
    advance: (by_ms) => {
      const until_ms = now_ms + by_ms;
      for (;;) {
        const next = timers.filter(({ at_ms }) => at_ms <= until_ms).sort((a, b) => a.at_ms - b.at_ms)[0];
        if (!next) break;
        timers = timers.filter((timer) => timer !== next);
        now_ms = next.at_ms;
        next.act();
      }
      now_ms = until_ms;
    },
  };
}
