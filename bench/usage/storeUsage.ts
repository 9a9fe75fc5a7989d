import type { Redis } from 'ioredis';
import type pg from 'pg';
import { cpuSeconds } from './processUsage.ts';

/** What a store has done so far. */
export type StoreUsage = {
  /** of Redis: commands, those within scripts included; of PostgreSQL: statements */
  commands: number;
  cpu_s: number;
  /** of Redis: memory of all data; of PostgreSQL: the database on disk */
  bytes: number;
};

export async function redisUsage(redis: Redis, pid: number): Promise<StoreUsage> {
  const info = await redis.info('all');
  const number = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
  return { commands: number('total_commands_processed'), cpu_s: cpuSeconds([pid]), bytes: number('used_memory') };
}

export async function postgresUsage(client: pg.Client, pid: number): Promise<StoreUsage> {
  const database = 'dbid = (SELECT oid FROM pg_database WHERE datname = current_database())';
  const counts = await client.query(`SELECT sum(calls) AS calls FROM pg_stat_statements WHERE ${database}`);
  const size = await client.query('SELECT pg_database_size(current_database()) AS bytes');
  return {
    commands: Number(counts.rows[0].calls ?? 0),
    cpu_s: cpuSeconds([pid], true),
    bytes: Number(size.rows[0].bytes),
  };
}
