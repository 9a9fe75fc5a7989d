import { access, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestName } from './backupManifest.ts';
import { backupName } from './takeBackup.ts';

/**
 * Removes all but the newest backups of a folder. What is not a whole backup of ours is neither counted nor touched.
 * @returns names of those that were removed, the oldest first
 */
export async function keepNewest(folder: string, count: number): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => backupName.test(name)).sort();
  const whole = await Promise.all(names.map((name) => isThere(join(folder, name, manifestName))));
  const backups = names.filter((_, i) => whole[i]);
  const old = backups.slice(0, Math.max(0, backups.length - count));
  for (const name of old) {
    // First what makes it a backup: one that is half removed must not look whole.
    await rm(join(folder, name, manifestName));
    await rm(join(folder, name), { recursive: true });
  }
  return old;
}

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
