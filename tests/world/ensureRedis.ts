import { ensureRedisServer } from '@darkroom/cli/redis';
import { containersAnswer } from './redis.ts';

/** Makes sure, once and before any test, that there is a Redis to be had. */
export default async function setup(): Promise<void> {
  if (await containersAnswer()) return;
  await ensureRedisServer({ env: process.env, say: (line) => process.stdout.write(`${line}\n`) });
}
