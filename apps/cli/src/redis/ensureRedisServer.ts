import { CannotGoOn } from '../cannotGoOn.ts';
import { type RunToEnd, runToEnd } from '../processes/runToEnd.ts';
import { findRedisServer } from './findRedisServer.ts';
import { canInstallRedis, installRedis } from './installRedis.ts';
import { tooOld } from './redisVersion.ts';

export interface EnsureRedisOptions {
  /** PATH is where programs are looked for; the rest goes to the installer. */
  env: Readonly<Record<string, string | undefined>>;
  /** Takes one line for the person at the terminal. */
  say: (line: string) => void;
  isRoot?: boolean;
  run?: RunToEnd;
}

/** Either a server program, or a sentence part telling why there is none. */
export type RedisProgram = { binary: string } | { missing: string };

/** Looks for a Redis server program and, on Debian or Ubuntu as root, installs one where there is none. */
export async function obtainRedisServer(options: EnsureRedisOptions): Promise<RedisProgram> {
  const { env, say, isRoot = process.getuid?.() === 0, run = runToEnd } = options;
  const found = await findRedisServer(env.PATH);
  if (found) {
    const reason = await tooOld(found, run);
    return reason ? { missing: `${found} ${reason}` } : { binary: found };
  }
  const none = 'no redis-server or valkey-server is on PATH';
  if (!canInstallRedis({ isRoot })) return { missing: none };
  const failure = await installRedis({ run, say, env });
  const installed = failure ? undefined : await findRedisServer(env.PATH);
  if (!installed) return { missing: `${none} and ${failure ?? 'the installed one is not on PATH either'}` };
  const reason = await tooOld(installed, run);
  return reason ? { missing: `${installed} ${reason}` } : { binary: installed };
}

/**
 * Makes sure that a Redis server program is here.
 * @returns its absolute path
 * @throws CannotGoOn saying what to do where there is none and none can be installed
 */
export async function ensureRedisServer(options: EnsureRedisOptions): Promise<string> {
  const got = await obtainRedisServer(options);
  if ('binary' in got) return got.binary;
  throw new CannotGoOn(
    `There is no Redis: ${got.missing}. Install Redis 7 or newer (Debian: apt install redis-server).`,
  );
}
