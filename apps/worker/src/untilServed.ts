import { isRedisUnavailable } from '@darkroom/shared/redis';
import type { PartStore } from '@darkroom/shared/tasks';
import type { Logger } from '@darkroom/shared/telemetry';

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

/**
 * Runs steps of the process' start, which waits while Redis refuses them: a supervisor that started it again would only
 * meet the same Redis. Says so once, and when it is over.
 */
export function whenServed(logger: Logger, pause: (ms: number) => Promise<unknown>) {
  return async <T>(run: () => Promise<T>): Promise<T> => {
    let waits = false;
    const answer = await untilServed(run, async (ms) => {
      if (!waits) logger.warn('Redis takes no writes now; the start waits for it');
      waits = true;
      await pause(ms);
    });
    if (waits) logger.info('Redis takes writes again; the start goes on');
    return answer;
  };
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
