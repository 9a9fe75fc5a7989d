import { Cluster } from 'ioredis';
import type { Variables } from '../config/index.ts';
import type { RedisClient } from './connect.ts';
import { type Durability, durabilityOf, knowsWaitaof } from './durability.ts';
import { readNodes } from './readNodes.ts';

/** What is asked of Redis before a process trusts it with work. */
export type TrustSettings = {
  /** refuse a Redis that is not durable */
  requireDurable: boolean;
  /** when a write counts as kept: once Redis has it, or once it is on its disk */
  acknowledge: 'none' | 'fsync';
};

export function readTrustSettings(variables: Variables): TrustSettings {
  return { requireDurable: variables.REQUIRE_DURABLE_REDIS, acknowledge: variables.ACK_DURABILITY };
}

/** This Redis cannot keep what the configuration promises. The message says why, and what would help. */
export class RedisRefused extends Error {
  override name = 'RedisRefused';
}

/** Reads what this Redis would lose, and when. @throws when Redis does not answer */
export const readDurability = async (redis: RedisClient): Promise<Durability> => durabilityOf(await readNodes(redis));

/**
 * Judges a Redis by what the configuration promises.
 * @returns what it would lose, for the log
 * @throws RedisRefused; when Redis does not answer
 */
export async function trustRedis(redis: RedisClient, settings: TrustSettings): Promise<Durability> {
  const nodes = await readNodes(redis);
  const durability = durabilityOf(nodes);
  if (settings.requireDurable && !durability.durable) {
    const why = [...durability.warnings, ...durability.losses].join(' ');
    throw new RedisRefused(`REQUIRE_DURABLE_REDIS is true and this Redis could lose accepted work. ${why}`);
  }
  if (settings.acknowledge === 'fsync') refuseWithoutWaitaof(redis, nodes, durability);
  return durability;
}

/** A promise that was asked for and cannot be kept must not look kept. */
function refuseWithoutWaitaof(
  redis: RedisClient,
  nodes: Awaited<ReturnType<typeof readNodes>>,
  durability: Durability,
) {
  const ask = 'ACK_DURABILITY is fsync, and';
  if (redis instanceof Cluster) {
    throw new RedisRefused(`${ask} it works with one Redis, not with a cluster: set it to none.`);
  }
  if (!knowsWaitaof(nodes)) {
    const { version } = nodes[0]!;
    throw new RedisRefused(
      `${ask} this Redis (version ${version}) cannot say when a write is on its disk: use 7.2 or newer, or set it to none.`,
    );
  }
  if (nodes.some(({ appendOnly }) => appendOnly === false)) {
    throw new RedisRefused(`${ask} this Redis has no append-only file. ${durability.warnings.join(' ')}`);
  }
}
