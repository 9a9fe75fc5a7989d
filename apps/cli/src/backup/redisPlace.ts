import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { CannotGoOn } from '../cannotGoOn.ts';

/** Where Redis keeps its append-only file. */
export interface RedisPlace {
  /** the folder of Redis' data, as it is seen from here */
  dir: string;
  /** name of the append-only file's folder in it */
  folder: string;
  /** name of Redis' own manifest in that */
  manifest: string;
}

/** As Redis names it unless told otherwise. */
const usualFolder = 'appendonlydir';

/**
 * Finds the append-only file of a Redis that runs on this machine, or whose volume is mounted here.
 * @param given  the folder of its data, where Redis does not tell it (CONFIG is forbidden) or sees another path
 * @throws CannotGoOn when it cannot be found or read
 */
export async function redisPlace(redis: Redis, given: string | undefined): Promise<RedisPlace> {
  const dir = given ?? (await setting(redis, 'dir'));
  if (dir === undefined) {
    throw new CannotGoOn('This Redis does not tell its folder (CONFIG is forbidden): name it by --redis-dir.');
  }
  const folder = (await setting(redis, 'appenddirname')) ?? usualFolder;
  const names = await readdir(join(dir, folder)).catch((error: Error) => {
    const hint = given
      ? ''
      : ' If Redis runs in a container or elsewhere, name the folder as seen from here by --redis-dir.';
    throw new CannotGoOn(`${join(dir, folder)} cannot be read (${error.message}).${hint}`);
  });
  const base = await setting(redis, 'appendfilename');
  const found = names.filter((name) => (base ? name === `${base}.manifest` : name.endsWith('.manifest')));
  if (found.length !== 1) throw new CannotGoOn(`${join(dir, folder)} has no manifest of an append-only file.`);
  return { dir, folder, manifest: found[0]! };
}

/** @returns undefined where CONFIG is forbidden */
export async function setting(redis: Redis, name: string): Promise<string | undefined> {
  try {
    const [, value] = (await redis.config('GET', name)) as string[];
    return value;
  } catch (error) {
    if (/^(NOPERM|ERR unknown command)/.test((error as Error).message)) return undefined;
    throw error;
  }
}
