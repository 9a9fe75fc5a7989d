import { correctedPause } from './correctedPause.ts';
import { growingPause } from './growingPause.ts';
import type { PollBounds } from './planPolls.ts';
import type { PollSchedule } from './pollSchedule.ts';

/** Asks by the clock alone, whatever is known of how long tasks take. */
export function fixedSchedule(bounds: PollBounds): PollSchedule {
  return {
    watch: () => ({
      next: (running) => correctedPause(bounds, growingPause(bounds, running.elapsed_ms), running),
      progressed: () => undefined,
      ended: async () => undefined,
    }),
  };
}
