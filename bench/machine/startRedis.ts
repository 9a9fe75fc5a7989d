import { type KillableRedis, startRedisProcess } from '../../tests/world/redis.ts';
import { endWithUs } from './endWithUs.ts';

/** A new Redis with a folder of its own, as the product starts one. @param args  further arguments of the server; they win */
export async function startRedis(args: readonly string[] = []): Promise<KillableRedis> {
  const redis = await startRedisProcess(args);
  const ended = endWithUs(redis.pid);
  const stop = redis.stop;
  redis.stop = async () => {
    await stop();
    ended();
  };
  return redis;
}
