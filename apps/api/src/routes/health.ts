import { type Catalogue, type GateState, readGate } from '@darkroom/shared/channels';
import type { ObjectStore } from '@darkroom/shared/images';
import { type Durability, type KeyNames, type RedisClient, readDurability } from '@darkroom/shared/redis';
import type { RequestHandler } from 'express';

type Deps = {
  redis: RedisClient;
  keys: KeyNames;
  store: ObjectStore;
  catalogue: Catalogue;
  isDraining: () => boolean;
  now: () => number;
};

type Check = { status: 'ok' | 'failing'; ms: number };

type RedisCheck = Check & (Pick<Durability, 'durable' | 'warnings'> | object);

/** A check that takes longer than this has failed: a probe must answer before its prober gives up. */
const checkMaxMs = 1500;

/** `GET /healthz`: 200 while the process lives. */
export const healthRoute: RequestHandler = (_req, res) => {
  res.json({ status: 'ok' });
};

/** `GET /readyz`: 200 when tasks can be taken in, else 503. A channel that is shut does not fail it: tasks wait. */
export function readyRoute(deps: Deps): RequestHandler {
  return async (_req, res) => {
    const [redis, storage, channels] = await Promise.all([
      checkRedis(deps.redis),
      check(() => deps.store.check()),
      channelStates(deps),
    ]);
    const ready = !deps.isDraining() && redis.status === 'ok' && storage.status === 'ok';
    const status = deps.isDraining() ? 'draining' : ready ? 'ok' : 'failing';
    res.status(ready ? 200 : 503).json({ status, checks: { redis, storage, channels } });
  };
}

/** Whether Redis answers, and whether it would lose anything. That it would does not fail readiness: it serves. */
async function checkRedis(redis: RedisClient): Promise<RedisCheck> {
  let told: Pick<Durability, 'durable' | 'warnings'> | undefined;
  const result = await check(async () => {
    await redis.ping();
    const { durable, warnings } = await readDurability(redis);
    told = { durable, warnings };
  });
  return { ...result, ...told };
}

async function check(run: () => Promise<unknown>): Promise<Check> {
  const startedAt = performance.now();
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('too late')), checkMaxMs);
  try {
    await Promise.race([run(), tooLate]);
    return { status: 'ok', ms: Math.round(performance.now() - startedAt) };
  } catch {
    return { status: 'failing', ms: Math.round(performance.now() - startedAt) };
  } finally {
    clearTimeout(timer);
  }
}

async function channelStates({ catalogue, redis, keys, now }: Deps): Promise<Record<string, GateState | null>> {
  const states = catalogue.channels.map(async ({ id }) => {
    try {
      return [id, await readGate({ redis, keys }, id, now())] as const;
    } catch {
      return [id, null] as const;
    }
  });
  return Object.fromEntries(await Promise.all(states));
}
