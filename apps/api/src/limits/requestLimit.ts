import { Problem } from '@darkroom/shared/errors';
import type { ClientKey } from '@darkroom/shared/keys';
import type { KeyNames, RedisClient } from '@darkroom/shared/redis';
import type { Recorder } from '@darkroom/shared/telemetry';
import type { RequestHandler, Response } from 'express';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { apiKeyOf } from '../http/authenticate.ts';
import { dialectOf } from '../http/dialectOf.ts';

const windowSeconds = 60;

/** The library's own script, allowed to run on a full Redis: a query must not fail for its being counted. */
const countScript = `#!lua flags=allow-oom
redis.call('set', KEYS[1], 0, 'EX', ARGV[2], 'NX')
local consumed = redis.call('incrby', KEYS[1], ARGV[1])
local ttl = redis.call('pttl', KEYS[1])
if ttl == -1 then
  redis.call('expire', KEYS[1], ARGV[2])
  ttl = 1000 * ARGV[2]
end
return {consumed, ttl}`;

type Deps = {
  records: { redis: RedisClient; keys: KeyNames };
  clients: readonly ClientKey[];
  metrics: Recorder<'api'>;
};

/**
 * Counts the requests of keys that are limited, a minute at a time over all API processes, and refuses what is too much
 * with 429. Tells how much is left: `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10), and
 * OpenAI's own headers on its entries. A key without a limit costs nothing.
 */
export function requestLimit({ records, clients, metrics }: Deps): RequestHandler {
  const limiters = new Map<string, RateLimiterRedis>();
  for (const { id, requestsPerMinute: points } of clients) {
    if (points === 0) continue;
    const keyPrefix = records.keys.requestsOf(id);
    const settings = { keyPrefix, points, duration: windowSeconds, customIncrTtlLuaScript: countScript };
    limiters.set(id, new RateLimiterRedis({ storeClient: records.redis, ...settings }));
  }
  return async (req, res, next) => {
    const { id, requestsPerMinute: points } = apiKeyOf(res);
    const limiter = limiters.get(id);
    if (!limiter) return next();
    const { left, resetSeconds, isRefused } = await count(limiter);
    tell(res, { points, left, resetSeconds }, dialectOf(req) === 'openai');
    if (!isRefused) return next();
    metrics.add('darkroom_limited_requests_total', { limit: 'requests' });
    const message = `This key may send ${points} requests a minute. Try again in ${resetSeconds} s.`;
    throw new Problem('rate_limited', message, { retryAfterSeconds: resetSeconds });
  };
}

async function count(limiter: RateLimiterRedis) {
  const answered = await limiter.consume('minute').catch((thrown: unknown) => {
    // What it throws for a request too many is no error, but the same answer.
    if (thrown instanceof RateLimiterRes) return thrown;
    throw thrown;
  });
  return {
    left: Math.max(0, answered.remainingPoints),
    resetSeconds: Math.max(1, Math.ceil(answered.msBeforeNext / 1000)),
    isRefused: answered.consumedPoints > limiter.points,
  };
}

type Left = { points: number; left: number; resetSeconds: number };

function tell(res: Response, { points, left, resetSeconds }: Left, inOpenai: boolean): void {
  res.set({
    'ratelimit-policy': `"requests";q=${points};w=${windowSeconds}`,
    ratelimit: `"requests";r=${left};t=${resetSeconds}`,
  });
  if (!inOpenai) return;
  const minutes = Math.floor(resetSeconds / 60);
  res.set({
    'x-ratelimit-limit-requests': String(points),
    'x-ratelimit-remaining-requests': String(left),
    'x-ratelimit-reset-requests': minutes > 0 ? `${minutes}m${resetSeconds % 60}s` : `${resetSeconds}s`,
  });
}
