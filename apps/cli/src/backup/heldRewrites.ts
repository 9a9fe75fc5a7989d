import { rewritesHeldKey } from '@darkroom/shared/redis';
import type { Redis } from 'ioredis';
import { CannotGoOn } from '../cannotGoOn.ts';
import type { Clock } from '../processes/clock.ts';
import { setting } from './redisPlace.ts';

const percentage = 'auto-aof-rewrite-percentage';

/** A rewrite of some gigabytes takes minutes; one that takes longer than this hangs. */
const rewriteMax_ms = 600_000;
const look_ms = 200;

export interface HoldDeps {
  redis: Redis;
  clock: Pick<Clock, 'now_ms' | 'pause'>;
  say: (line: string) => void;
  signal: AbortSignal;
}

/**
 * Does something while Redis begins no rewrite of its append-only file by itself, and none is under way. What was set
 * before is set again however it ends. What it was stands in Redis meanwhile: a backup that is killed leaves rewrites
 * off, and the next one puts that right.
 */
export async function withoutRewrites<T>(deps: HoldDeps, act: () => Promise<T>): Promise<T> {
  const { redis, say } = deps;
  const now = await setting(redis, percentage);
  if (now === undefined) {
    say('CONFIG is forbidden here, so rewrites are not held off: if one comes in between, the copy is made again.');
    return act();
  }
  const before = now === '0' ? ((await redis.get(rewritesHeldKey)) ?? now) : now;
  await redis.set(rewritesHeldKey, before);
  try {
    await redis.config('SET', percentage, '0');
    await noRewrite(deps);
    return await act();
  } finally {
    await redis.config('SET', percentage, before);
    await redis.del(rewritesHeldKey);
  }
}

async function noRewrite({ redis, clock, signal }: HoldDeps): Promise<void> {
  const until = clock.now_ms() + rewriteMax_ms;
  while (/^aof_rewrite_(in_progress|scheduled):1/m.test(await redis.info('persistence'))) {
    if (clock.now_ms() > until) throw new CannotGoOn('A rewrite of the append-only file does not end.');
    await clock.pause(look_ms, signal);
  }
}
