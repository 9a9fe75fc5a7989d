import { readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { CannotGoOn } from '../cannotGoOn.ts';

/** A Redis that is told to end syncs its file first; more than some seconds mean that its disk hangs. */
const end_ms = 10_000;

/** Remembers on which port the Redis of `dir` runs, for a later start to find it. */
export async function rememberPort(dir: string, port: number): Promise<void> {
  await writeFile(join(dir, 'port'), String(port));
}

/** The port that the last Redis of `dir` had; undefined on the first start. */
export async function lastPort(dir: string): Promise<number | undefined> {
  const port = Number(await readFile(join(dir, 'port'), 'utf8').catch(() => ''));
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

/**
 * Ends the Redis that an earlier start left behind on `dir`: a supervisor that was killed could not end it, and two
 * on one append-only file destroy it. The caller holds the folder's lock. Asks the Redis itself whose folder it has,
 * so that a stranger on that port is left alone.
 * @returns whether there was one
 * @throws CannotGoOn when it does not end
 */
export async function stopLeftover(dir: string): Promise<boolean> {
  const port = await lastPort(dir);
  if (port === undefined) return false;
  const redis = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: null,
    enableReadyCheck: false,
    connectTimeout: 1000,
    commandTimeout: 1000,
  });
  redis.on('error', () => {});
  try {
    if (!(await worksIn(redis, dir))) return false;
    const closed = new Promise<void>((resolve) => redis.once('end', resolve));
    // It answers by closing the connection.
    void redis.call('SHUTDOWN').catch(() => {});
    if (await Promise.race([closed.then(() => true), pause(end_ms, false, { ref: false })])) return true;
    throw new CannotGoOn(`A Redis left from an earlier start (port ${port}) does not end; stop it, then start again.`);
  } finally {
    redis.disconnect();
  }
}

async function worksIn(redis: Redis, dir: string): Promise<boolean> {
  try {
    await redis.connect();
    const [, theirs] = (await redis.call('CONFIG', 'GET', 'dir')) as string[];
    return theirs !== undefined && (await realpath(theirs)) === (await realpath(dir));
  } catch {
    return false;
  }
}
