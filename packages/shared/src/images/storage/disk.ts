import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, constants, mkdir, open, opendir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { checkedKey, type ObjectStore } from './store.ts';

/** Files being written stand here, beside the objects: a rename is atomic only within one file system. */
const incoming = '.incoming';

/**
 * Keeps objects as files under one directory, which is made when it is missing. A file is written elsewhere, synced
 * and renamed into place, so that neither a crash nor a late writer leaves half a picture.
 */
export function diskStore(directory: string): ObjectStore {
  const pathOf = (key: string) => join(directory, checkedKey(key));
  let incomingMade: Promise<unknown> | undefined;
  return {
    async put(key, body, _mediaType, confirm) {
      const target = pathOf(key);
      const part = join(directory, incoming, randomUUID());
      try {
        incomingMade ??= mkdir(dirname(part), { recursive: true });
        await incomingMade;
        await writeFile(part, body, { flag: 'wx', flush: true });
        await confirm?.();
        await mkdir(dirname(target), { recursive: true });
        await rename(part, target);
        await syncDirectory(dirname(target));
      } catch (error) {
        // Whoever has removed the directory finds it again with the next object.
        incomingMade = undefined;
        await rm(part, { force: true });
        throw error;
      }
    },
    async open(key, range) {
      if (!(await statOrNothing(pathOf(key)))) return undefined;
      return createReadStream(pathOf(key), range ?? {});
    },
    async stat(key) {
      const found = await statOrNothing(pathOf(key));
      return found && { bytes: found.size };
    },
    remove: (key) => rm(pathOf(key), { force: true }),
    async *list(prefix) {
      // A prefix may end within a name; its directory is listed whole and filtered.
      const from = join(directory, prefix.includes('/') ? dirname(`${prefix}x`) : '');
      for await (const path of filesUnder(from)) {
        const key = relative(directory, path).split(sep).join('/');
        if (!key.startsWith(prefix) || key.startsWith(`${incoming}/`)) continue;
        const found = await statOrNothing(path);
        if (found) yield { key, bytes: found.size };
      }
    },
    async folders(after, limit) {
      const entries = await namesIn(directory);
      const names = entries.filter((name) => name !== incoming && name > after);
      return names.sort().slice(0, limit);
    },
    async removeFolder(folder) {
      const entries = await entriesOf(pathOf(folder));
      await rm(pathOf(folder), { recursive: true, force: true });
      return entries.filter((entry) => entry.isFile()).length;
    },
    async removeHalfWritten(before_ms) {
      let removed = 0;
      for (const name of await namesIn(join(directory, incoming))) {
        const part = join(directory, incoming, name);
        const found = await statOrNothing(part);
        if (!found || found.mtimeMs >= before_ms) continue;
        await rm(part, { force: true });
        removed++;
      }
      return removed;
    },
    async check() {
      await mkdir(directory, { recursive: true });
      await access(directory, constants.R_OK | constants.W_OK);
    },
  };
}

async function statOrNothing(path: string) {
  try {
    const found = await stat(path);
    return found.isFile() ? found : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Names alone: the kinds of a million entries would take a question each on some file systems. */
async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Paths of the files of a directory and of those within it, read as they are asked for. */
async function* filesUnder(directory: string): AsyncGenerator<string> {
  for await (const entry of await directoryOrNothing(directory)) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* filesUnder(path);
    else if (entry.isFile()) yield path;
  }
}

async function directoryOrNothing(directory: string) {
  try {
    return await opendir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function entriesOf(directory: string) {
  try {
    return await readdir(directory, { recursive: true, withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** A rename is durable only once its directory is: without this a power cut could undo a finished task's picture. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const isMissing = (error: unknown) =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
