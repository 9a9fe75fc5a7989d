import { isRedisUnavailable, type KeyNames, type RedisClient } from '@darkroom/shared/redis';
import type { Logger } from '@darkroom/shared/telemetry';
import { computedSchedule } from './computedSchedule.ts';
import { durationStore } from './durationStore.ts';
import { fixedSchedule } from './fixedSchedule.ts';
import type { PollBounds } from './planPolls.ts';
import type { PollSchedule } from './pollSchedule.ts';

export type PollingSettings = { schedule: 'computed' | 'fixed'; target_delay_ms: number; bounds: PollBounds };

type Surroundings = { redis: RedisClient; keys: KeyNames; logger: Logger; random: () => number };

/** The schedule that the configuration asks for, with what it learns kept in Redis. */
export function openSchedule(settings: PollingSettings, { redis, keys, logger, random }: Surroundings): PollSchedule {
  const { schedule, bounds } = settings;
  if (schedule === 'fixed') return fixedSchedule(bounds);
  return computedSchedule({
    ...settings,
    store: durationStore({ redis, keys }),
    onTrouble(error) {
      const level = isRedisUnavailable(error) ? 'debug' : 'error';
      logger[level]({ err: (error as Error).message }, 'a duration was not learned from; polling goes on');
    },
    random,
  });
}
