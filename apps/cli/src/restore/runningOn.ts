import { readdir, readlink, realpath } from 'node:fs/promises';
import { Redis } from 'ioredis';
import type { Environment } from '../start/environment.ts';

/** A Redis that runs on this machine answers in a moment, or is not there. */
const answer_ms = 1000;

/** Linux puts this behind the path of a folder that was removed under a process. */
const removed = / \(deleted\)$/;

/**
 * Looks for a Redis that works in a folder: among the processes of this machine, where they can be seen, since a Redis
 * has the folder of its data as its own; and by asking the one at REDIS_URL.
 * @returns what it is, for a sentence; undefined where none is found
 */
export async function runningOn(dir: string, env: Environment): Promise<string | undefined> {
  const path = await realpath(dir).catch(() => dir);
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    if (cwd.replace(removed, '') !== path) continue;
    const program = await readlink(`/proc/${pid}/exe`).catch(() => '');
    if (/(redis|valkey)[\w-]*( \(deleted\))?$/.test(program)) return `process ${pid}`;
  }
  return (await worksIn(path, env.REDIS_URL)) ? 'the Redis at REDIS_URL' : undefined;
}

async function worksIn(path: string, url: string | undefined): Promise<boolean> {
  if (!url || url.includes(',')) return false;
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    connectTimeout: answer_ms,
    retryStrategy: null,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    const [, dir] = (await redis.config('GET', 'dir')) as string[];
    return dir !== undefined && (await realpath(dir).catch(() => dir)) === path;
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}
