import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CannotGoOn } from '../cannotGoOn.ts';
import { contentOf } from './copyFile.ts';

/** Names within a backup's folder. */
export const manifestName = 'manifest.json';
export const listingName = 'storage.jsonl';

const count = z.number().int().min(0);

const BackupManifest = z.object({
  /** version of this shape */
  backup: z.literal(1),
  darkroom: z.string(),
  redis: z.object({
    version: z.string(),
    /** number of the database that REDIS_URL names */
    database: count,
    /** folder of the append-only file, within the backup as within the folder of Redis */
    folder: z.string().regex(/^[\w.-]+$/),
    /** the manifest that Redis keeps of the append-only file, within that folder */
    manifest: z.string().regex(/^[\w.-]+$/),
  }),
  /** all that Redis had acknowledged by then is in it, ms since the epoch by the clock of Redis */
  began_at_ms: count,
  /** nothing that Redis took after that is in it */
  ended_at_ms: count,
  /** every other file of the backup, by its path within it */
  files: z.array(z.object({ path: z.string(), bytes: count, sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
  /** what storage held when it was listed, before Redis was copied; the listing has a line an object */
  storage: z.object({ objects: count, bytes: count }),
});

/** What a backup says of itself. */
export type BackupManifest = z.infer<typeof BackupManifest>;

/** @throws CannotGoOn when there is no whole backup in the folder */
export async function readBackup(folder: string): Promise<BackupManifest> {
  const text = await readFile(join(folder, manifestName), 'utf8').catch(() => undefined);
  if (text === undefined) throw new CannotGoOn(`${folder} is no backup: it has no ${manifestName}.`);
  try {
    return BackupManifest.parse(JSON.parse(text));
  } catch {
    throw new CannotGoOn(`${join(folder, manifestName)} cannot be read: it is damaged, or of a newer release.`);
  }
}

/** Holds every file of a backup against its manifest. @throws CannotGoOn naming the first that differs */
export async function checkFiles(folder: string, { files }: BackupManifest): Promise<void> {
  for (const { path, bytes, sha256 } of files) {
    const found = await contentOf(join(folder, path)).catch(() => undefined);
    if (!found) throw new CannotGoOn(`${path} of the backup is missing or cannot be read.`);
    if (found.bytes !== bytes || found.sha256 !== sha256) {
      throw new CannotGoOn(`${path} of the backup is not what was written: its length or digest differs.`);
    }
  }
}
