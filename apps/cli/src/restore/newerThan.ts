import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { listingName } from '../backup/backupManifest.ts';

/**
 * Which folders of storage are newer than a backup: those of which its listing has nothing. The listing is read line by
 * line; only the folders asked for are held.
 * @param backup  the backup's folder
 */
export async function newerThan(backup: string, folders: readonly string[]): Promise<string[]> {
  const missing = new Set(folders);
  for await (const line of createInterface({ input: createReadStream(join(backup, listingName)) })) {
    const { key } = JSON.parse(line) as { key: string };
    missing.delete(key.split('/')[0]!);
  }
  return [...missing];
}
