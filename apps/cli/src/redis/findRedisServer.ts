import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Programs that speak Redis' protocol and take its options, the preferred one first. */
const programs = ['redis-server', 'valkey-server'];

/**
 * Looks for a Redis server program.
 * @param path the folders to search, as in the variable PATH
 * @returns the program's absolute path; undefined where there is none
 */
export async function findRedisServer(path: string | undefined): Promise<string | undefined> {
  const folders = (path ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const program of programs) {
    for (const folder of folders) {
      const file = join(folder, program);
      if (await isProgram(file)) return file;
    }
  }
  return undefined;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
