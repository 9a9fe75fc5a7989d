import { join } from 'node:path';
import getPort from 'get-port';
import { CannotGoOn } from '../cannotGoOn.ts';
import { type FolderLock, lockFolder } from '../processes/folderLock.ts';
import type { RunToEnd } from '../processes/runToEnd.ts';
import type { ProcessSpec, Supervised } from '../processes/supervise.ts';
import { dockerAnswers, dockerRedisCommand } from '../redis/dockerRedis.ts';
import { obtainRedisServer } from '../redis/ensureRedisServer.ts';
import { redisCommand } from '../redis/redisCommand.ts';
import { lastPort, rememberPort, stopLeftover } from '../redis/stopLeftover.ts';
import { waitForPing } from '../redis/waitForPing.ts';
import type { Environment } from './environment.ts';

/** A given Redis is there or is not; ours may have to load its file, or Docker its image. */
const givenAnswers_ms = 10_000;
const oursAnswers_ms = 180_000;

/** Redis tells of its own start and saves in some twenty lines; only what is wrong is worth a reader's time. */
const quiet = ['--loglevel', 'warning'];

export interface StartRedisDeps {
  env: Environment;
  /** Folder of what Darkroom keeps; absolute. */
  stateDir: string;
  run: RunToEnd;
  supervise: (spec: ProcessSpec) => Supervised;
  say: (message: string) => void;
  /** Keeps the data folder's lock until the Redis is gone. */
  holdLock: (lock: FolderLock) => void;
  signal: AbortSignal;
}

/**
 * Gets a Redis: the given one, else one of ours from a program on PATH or installed, else one in Docker; and waits
 * until it answers.
 * @returns its URL
 * @throws CannotGoOn saying what is missing and what would help
 */
export async function startRedis(deps: StartRedisDeps): Promise<string> {
  const { env, stateDir, signal, say } = deps;
  if (env.REDIS_URL) {
    if (!/^rediss?:\/\/./.test(env.REDIS_URL)) throw new CannotGoOn('REDIS_URL is not a redis:// or rediss:// URL.');
    // Of a cluster's nodes any one tells that it is there.
    await untilAnswers(env.REDIS_URL.split(',')[0]!.trim(), givenAnswers_ms, signal, 'The Redis of REDIS_URL');
    return env.REDIS_URL;
  }
  const dir = join(stateDir, 'redis');
  deps.holdLock(await lockFolder(dir));
  if (await stopLeftover(dir)) say('ended the Redis that an earlier start left behind');
  const port = await freePort(await lastPort(dir));
  const spec = await chooseSpec(deps, dir, port);
  signal.throwIfAborted();
  await rememberPort(dir, port);
  const url = `redis://127.0.0.1:${port}`;
  const started = deps.supervise(spec);
  await started.whenReady(untilAnswers(url, oursAnswers_ms, signal, 'The Redis just started'));
  say(`Redis answers on ${url}; its data is in ${dir}`);
  return url;
}

async function untilAnswers(url: string, within_ms: number, signal: AbortSignal, who: string): Promise<void> {
  try {
    await waitForPing(url, AbortSignal.any([signal, AbortSignal.timeout(within_ms)]));
  } catch {
    signal.throwIfAborted();
    throw new CannotGoOn(`${who} does not answer PING within ${within_ms / 1000} s; is it up, and the address right?`);
  }
}

/** The port of the last time where it is free, so that a tool pointed at it stays right; else any. */
const freePort = (last: number | undefined) => getPort({ host: '127.0.0.1', ...(last && { port: last }) });

async function chooseSpec({ env, run, say }: StartRedisDeps, dir: string, port: number): Promise<ProcessSpec> {
  const got = await obtainRedisServer({ env, say, run });
  if ('binary' in got) {
    const line = redisCommand({ binary: got.binary, host: '127.0.0.1', port, dir, args: quiet });
    return { name: 'redis', ...line, env };
  }
  if (!(await dockerAnswers(run, env))) {
    throw new CannotGoOn(
      `There is no Redis: REDIS_URL is not set, ${got.missing}, and no Docker engine answers. ` +
        'Install Redis 7 or newer (Debian: apt install redis-server), start Docker, or set REDIS_URL.',
    );
  }
  say(`${got.missing}; Redis runs in Docker`);
  const user = process.getuid && `${process.getuid()}:${process.getgid?.()}`;
  const { command, args, container } = dockerRedisCommand({ port, dir, user, args: quiet });
  await run('docker', ['rm', '-f', container], { env });
  return { name: 'redis', command, args, env };
}
