import { isRedisUnavailable } from '@darkroom/shared/redis';
import type { PartStore } from '@darkroom/shared/tasks';

/** Between two tries: a refusal costs Redis next to nothing, and what waits here is paid for. */
const pauseMs = 500;

/**
 * Runs a step again until Redis serves it: while Redis is full, read-only, loading or without disk, work waits as it
 * does while Redis is away. A step that was done although its answer was lost is done again, so it must bear that.
 * @throws what is not Redis' passing weakness
 */
export async function untilServed<T>(run: () => Promise<T>, pause: (ms: number) => Promise<unknown>): Promise<T> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!isRedisUnavailable(error)) throw error;
      await pause(pauseMs);
    }
  }
}

/** Parts whose every read and write waits until Redis serves it. */
export function patientParts(parts: PartStore, pause: (ms: number) => Promise<unknown>): PartStore {
  return {
    claim: (...args) => untilServed(() => parts.claim(...args), pause),
    change: (...args) => untilServed(() => parts.change(...args), pause),
    release: (...args) => untilServed(() => parts.release(...args), pause),
    fenceOf: (...args) => untilServed(() => parts.fenceOf(...args), pause),
    hashOf: (...args) => untilServed(() => parts.hashOf(...args), pause),
    keep: (...args) => untilServed(() => parts.keep(...args), pause),
  };
}
