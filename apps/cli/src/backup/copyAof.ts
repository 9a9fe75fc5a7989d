import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { backupMarkKey } from '@darkroom/shared/redis';
import { CannotGoOn } from '../cannotGoOn.ts';
import { type AofFile, formatAofManifest, lastIncrement, parseAofManifest } from './aofManifest.ts';
import { type Content, copyFile, writeNew } from './copyFile.ts';
import type { HoldDeps } from './heldRewrites.ts';
import type { RedisPlace } from './redisPlace.ts';
import { wholeCommands } from './wholeCommands.ts';

/** A rewrite that comes in between spoils a copy. Where they are held off, only an operator's BGREWRITEAOF does. */
const tries = 3;

/** The mark need not outlive the copy; a Redis that is restored from it forgets it at once. */
const markFor_s = 3600;

export interface CopiedAof {
  files: (Content & { path: string })[];
  /** ms since the epoch by the clock of Redis, before the mark was written, and after the last byte was read */
  began_at_ms: number;
  ended_at_ms: number;
}

type CopyDeps = Pick<HoldDeps, 'redis' | 'say' | 'signal'>;

/**
 * Copies the append-only file of a Redis that goes on serving. The copy ends with a whole command, and holds a mark that
 * Redis took when the copy began: all that it had acknowledged before is in it, and the folder is its own.
 * @param to  the backup's folder
 * @throws CannotGoOn when the file is not that of this Redis, or is rewritten again and again
 */
export async function copyAof(deps: CopyDeps, place: RedisPlace, to: string): Promise<CopiedAof> {
  const { redis, say, signal } = deps;
  for (let attempt = 1; attempt <= tries; attempt++) {
    const began_at_ms = await timeOf(deps);
    const mark = randomUUID();
    await redis.set(backupMarkKey, mark, 'EX', markFor_s);
    const before = await manifestText(place);
    await mkdir(join(to, place.folder), { mode: 0o700 });
    const files = await copyFiles(place, parseAofManifest(before), { to, mark, signal }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return undefined;
    });
    const ended_at_ms = await timeOf(deps);
    if (files && (await manifestText(place)) === before) return { files, began_at_ms, ended_at_ms };
    say('The append-only file was rewritten meanwhile; copying it again.');
    await rm(join(to, place.folder), { recursive: true });
  }
  throw new CannotGoOn(`The append-only file was rewritten during each of ${tries} copies.`);
}

const manifestText = ({ dir, folder, manifest }: RedisPlace) => readFile(join(dir, folder, manifest), 'utf8');

async function timeOf({ redis }: CopyDeps): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
}

async function copyFiles(
  { dir, folder, manifest }: RedisPlace,
  all: readonly AofFile[],
  { to, mark, signal }: { to: string; mark: string; signal: AbortSignal },
): Promise<CopiedAof['files']> {
  // Those that only wait for their removal may be gone in a moment, and nothing needs them.
  const kept = all.filter(({ kind }) => kind !== 'history');
  const written = lastIncrement(kept);
  let hasMark = false;
  async function* watched(pieces: AsyncIterable<Uint8Array>) {
    for await (const commands of wholeCommands(pieces)) {
      hasMark ||= commands.includes(mark);
      yield commands;
    }
  }
  const files: CopiedAof['files'] = [];
  for (const file of kept) {
    const path = `${folder}/${file.name}`;
    const through = file === written ? watched : undefined;
    files.push({ path, ...(await copyFile(join(dir, path), join(to, path), signal, through)) });
  }
  if (!hasMark) {
    throw new CannotGoOn(
      `${join(dir, folder)} is not the append-only file of the Redis at REDIS_URL: see --redis-dir.`,
    );
  }
  const path = `${folder}/${manifest}`;
  files.push({ path, ...(await writeNew(join(to, path), Readable.from([formatAofManifest(kept)]))) });
  return files;
}
