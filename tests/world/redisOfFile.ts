import { randomBytes } from 'node:crypto';
import { connectRedis, type KeyNames, keyNames, type RedisClient } from '@darkroom/shared/redis';
import { afterAll, beforeAll } from 'vitest';
import { startTestRedis, type TestRedis } from './redis.ts';

export type RedisOfFile = { readonly redis: RedisClient; readonly server: TestRedis; readonly keys: KeyNames };

/** A real Redis for the tests of one file, with key names that no other run uses. To be called at the file's top. */
export function redisOfFile(): RedisOfFile {
  const keys = keyNames(`t${randomBytes(6).toString('hex')}`);
  let server: TestRedis | undefined;
  let redis: RedisClient | undefined;
  beforeAll(async () => {
    server = await startTestRedis();
    redis = await connectRedis({ url: server.url, cluster: false }, 'wait', () => undefined);
  });
  afterAll(async () => {
    redis?.disconnect();
    await server?.stop();
  });
  return {
    keys,
    get redis() {
      return redis!;
    },
    get server() {
      return server!;
    },
  };
}
