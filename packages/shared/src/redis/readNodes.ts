import type { Redis } from 'ioredis';
import type { RedisClient } from './connect.ts';
import { type Info, type Memory, mastersOf, memoryOf, parseInfo } from './info.ts';
import { isRedisUnavailable } from './unavailable.ts';

export type Fsync = 'always' | 'everysec' | 'no';

/** One server as it describes itself. Undefined: it does not say. */
export type RedisNode = {
  /** whether it answers INFO at all */
  tells: boolean;
  version: string;
  role: 'master' | 'replica';
  loading: boolean;
  appendOnly: boolean | undefined;
  fsync: Fsync | undefined;
  /** whether it makes snapshots on its own */
  snapshots: boolean | undefined;
  lastWriteOk: boolean;
  lastRewriteOk: boolean;
  policy: string | undefined;
  memory: Memory;
  replicas: number;
};

/**
 * Reads what decides about durability: by INFO alone where CONFIG is forbidden, as managed Redis does; of a cluster,
 * from every master.
 * @throws when Redis does not answer
 */
export function readNodes(redis: RedisClient): Promise<RedisNode[]> {
  return Promise.all(mastersOf(redis).map(readNode));
}

async function readNode(server: Redis): Promise<RedisNode> {
  const [info, fsync, save] = await Promise.all([
    told(server.info()),
    told(server.config('GET', 'appendfsync')),
    told(server.config('GET', 'save')),
  ]);
  return nodeOf(typeof info === 'string' ? parseInfo(info) : undefined, configured(fsync), configured(save));
}

/** The answer to a question that this user may not be allowed to ask. */
async function told(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (isRedisUnavailable(error)) throw error;
    return undefined;
  }
}

/** The value in CONFIG's answer `[name, value]`. */
const configured = (answer: unknown) => (Array.isArray(answer) ? (answer[1] as string | undefined) : undefined);

export function nodeOf(info: Info | undefined, fsync: string | undefined, save: string | undefined): RedisNode {
  const given = info ?? new Map<string, string>();
  const appendOnly = given.get('aof_enabled');
  return {
    tells: info !== undefined,
    version: given.get('redis_version') ?? '0.0',
    role: given.get('role') === 'slave' ? 'replica' : 'master',
    loading: given.get('loading') === '1',
    appendOnly: appendOnly === undefined ? undefined : appendOnly === '1',
    fsync: (['always', 'everysec', 'no'] as const).find((policy) => policy === fsync),
    snapshots: save === undefined ? undefined : save !== '',
    lastWriteOk: given.get('aof_last_write_status') !== 'err',
    lastRewriteOk: given.get('aof_last_bgrewrite_status') !== 'err',
    policy: given.get('maxmemory_policy'),
    memory: memoryOf(given),
    replicas: Number(given.get('connected_slaves') ?? 0),
  };
}
