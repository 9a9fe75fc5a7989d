import { setTimeout as pause } from 'node:timers/promises';

/** Time as the supervisor and the demonstration see it; tests hand in one that they move themselves. */
export interface Clock {
  /** ms; only differences mean something. */
  now_ms(): number;
  /** Calls `act` once, after `wait_ms`. @returns what takes it back */
  after(wait_ms: number, act: () => void): () => void;
  /** Resolves after `wait_ms`; rejects with the signal's reason. */
  pause(wait_ms: number, signal?: AbortSignal): Promise<void>;
}

export function systemClock(): Clock {
  return {
    now_ms: () => performance.now(),
    after: (wait_ms, act) => {
      const timer = setTimeout(act, wait_ms);
      return () => clearTimeout(timer);
    },
    pause: async (wait_ms, signal) => void (await pause(wait_ms, undefined, { signal })),
  };
}
