import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ObjectStore } from '@darkroom/shared/images';
import { CannotGoOn } from '../cannotGoOn.ts';
import { type BackupManifest, listingName, manifestName } from './backupManifest.ts';
import { copyAof } from './copyAof.ts';
import { writeNew } from './copyFile.ts';
import { type HoldDeps, withoutRewrites } from './heldRewrites.ts';
import { redisPlace } from './redisPlace.ts';
import { syncFolder } from './syncFolder.ts';

export interface BackupDeps extends HoldDeps {
  store: ObjectStore;
  /** number of the database that REDIS_URL names */
  database: number;
  /** this release */
  darkroom: string;
  /** looks through the copy; throws when it is damaged */
  check: (aofManifest: string) => Promise<string | undefined>;
  /** ms since the epoch */
  now: () => number;
}

export interface Backup {
  folder: string;
  manifest: BackupManifest;
}

/**
 * Copies what Redis keeps, while it serves, and lists what storage keeps, into a new folder of `to`. The folder has its
 * name only once all of it is on the disk.
 * @param redisDir  the folder of Redis' data, where Redis does not tell it or sees another path
 * @throws CannotGoOn; the reason of the signal. Nothing is left of a backup that did not come to its end.
 */
export async function takeBackup(deps: BackupDeps, to: string, redisDir?: string): Promise<Backup> {
  const { redis, say, signal } = deps;
  const version = await demandAof(deps);
  const place = await redisPlace(redis, redisDir);
  const folder = join(to, nameAt(deps.now()));
  const draft = `${folder}.partial`;
  await mkdir(to, { recursive: true });
  await makeFolder(draft);
  try {
    // Before Redis is copied: what is not listed is newer than the backup.
    const { storage, listing } = await listStorage(deps, draft);
    say(`Storage holds ${storage.objects} objects, ${storage.bytes} bytes.`);
    const { files, ...times } = await withoutRewrites(deps, () => copyAof(deps, place, draft));
    const checked = await deps.check(join(draft, place.folder, place.manifest));
    say(
      checked
        ? `${checked} finds the copy sound.`
        : 'The copy was read command by command; redis-check-aof has not looked through it.',
    );
    const manifest: BackupManifest = {
      backup: 1,
      darkroom: deps.darkroom,
      redis: { version, database: deps.database, folder: place.folder, manifest: place.manifest },
      ...times,
      files: [...files, listing],
      storage,
    };
    await writeNew(join(draft, manifestName), Readable.from([`${JSON.stringify(manifest, null, 2)}\n`]));
    signal.throwIfAborted();
    for (const inner of [join(draft, place.folder), draft]) await syncFolder(inner);
    await makeFolder(folder);
    // A rename onto an empty folder replaces it; onto any other it fails.
    await rename(draft, folder);
    await syncFolder(to);
    return { folder, manifest };
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

/** @returns the version of Redis */
async function demandAof({ redis }: BackupDeps): Promise<string> {
  const info = await redis.info();
  const fieldOf = (name: string) => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1];
  if (fieldOf('cluster_enabled') === '1') {
    throw new CannotGoOn('This is a node of a cluster: back up the folder of each master as docs/operations.md says.');
  }
  if (fieldOf('aof_enabled') !== '1') {
    throw new CannotGoOn('This Redis has no append-only file, so there is nothing to copy: set `appendonly yes`.');
  }
  const version = fieldOf('redis_version') ?? '0';
  if (Number.parseInt(version, 10) < 7)
    throw new CannotGoOn(`This Redis has version ${version}; backups need 7 or newer.`);
  return version;
}

/** `darkroom-20261126T043005Z` */
export const backupName = /^darkroom-\d{8}T\d{6}Z$/;

const nameAt = (now_ms: number) => `darkroom-${new Date(now_ms).toISOString().replace(/[-:]|\.\d+/g, '')}`;

/** @throws CannotGoOn when there is one of the name */
async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw new CannotGoOn(`${path} is there already; nothing was changed.`);
    throw new CannotGoOn(`${path} cannot be made (${error.message}).`);
  });
}

async function listStorage({ store, signal }: BackupDeps, draft: string) {
  const storage = { objects: 0, bytes: 0 };
  async function* lines() {
    for await (const { key, bytes } of store.list('')) {
      storage.objects++;
      storage.bytes += bytes;
      yield `${JSON.stringify({ key, bytes })}\n`;
    }
  }
  const content = await writeNew(join(draft, listingName), lines(), signal);
  return { storage, listing: { path: listingName, ...content } };
}
