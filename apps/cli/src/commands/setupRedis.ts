import { Command } from 'commander';
import { ensureRedisServer } from '../redis/ensureRedisServer.ts';
import type { CommandContext } from './context.ts';

/** `darkroom setup-redis`: a Redis server program is here, or is installed, or a sentence says what to do. */
export function setupRedisCommand({ env, terminal }: CommandContext): Command {
  return new Command('setup-redis')
    .description('make sure that a redis-server or valkey-server program is here, and print which')
    .action(async () => terminal.line(await ensureRedisServer({ env, say: terminal.line })));
}
