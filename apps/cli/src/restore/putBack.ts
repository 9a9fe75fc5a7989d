import { appendFile, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { restoredPair } from '@darkroom/shared/redis';
import { lastIncrement, parseAofManifest } from '../backup/aofManifest.ts';
import { type BackupManifest, checkFiles, readBackup } from '../backup/backupManifest.ts';
import { copyFile } from '../backup/copyFile.ts';
import { syncFolder } from '../backup/syncFolder.ts';
import { commandOf } from '../backup/wholeCommands.ts';
import { CannotGoOn } from '../cannotGoOn.ts';

/**
 * Puts the append-only file of a backup into the folder of a Redis that does not run, and marks its data as a backup's:
 * API and worker read the mark before they do anything with it. Nothing appears under its name before all of it is there.
 * @param dir  the folder of Redis' data: empty, or made here
 * @throws CannotGoOn when the backup is not as it was written, or the folder is not empty
 */
export async function putBack(from: string, dir: string, restored_at_ms: number): Promise<BackupManifest> {
  const manifest = await readBackup(from);
  const { folder, database } = manifest.redis;
  await checkFiles(from, manifest);
  await mkdir(dir, { recursive: true });
  const there = await readdir(dir);
  if (there.length > 0) {
    throw new CannotGoOn(
      `${dir} is not empty (${there.slice(0, 3).join(', ')}): move away what is in it, or name another folder.`,
    );
  }
  const draft = join(dir, `${folder}.partial`);
  await mkdir(draft, { mode: 0o700 });
  try {
    for (const { path } of manifest.files.filter(({ path }) => path.startsWith(`${folder}/`))) {
      await copyFile(join(from, path), join(draft, path.slice(folder.length + 1)));
    }
    const files = parseAofManifest(await readFile(join(draft, manifest.redis.manifest), 'utf8'));
    const mark = restoredPair({ taken_at_ms: manifest.ended_at_ms, restored_at_ms });
    const written = join(draft, lastIncrement(files).name);
    await appendFile(written, Buffer.concat([commandOf('SELECT', `${database}`), commandOf('SET', ...mark)]), {
      flush: true,
    });
    await rename(draft, join(dir, folder));
    await syncFolder(dir);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
  return manifest;
}
