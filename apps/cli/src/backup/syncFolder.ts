import { open } from 'node:fs/promises';

/** Has a folder's names on the disk: what was renamed in it is durable only then. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
