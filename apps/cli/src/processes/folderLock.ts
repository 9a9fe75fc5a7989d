import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CannotGoOn } from '../cannotGoOn.ts';

/** Held by one process at a time; a holder that died holds nothing. */
export interface FolderLock {
  release(): Promise<void>;
}

/** Two tries: the second follows the removal of a dead holder's file. A third would mean that others race us: they won. */
const tries = 2;

/**
 * Takes `dir` for this process alone, by a file in it that names the process.
 * @throws CannotGoOn when a living process has it
 */
export async function lockFolder(dir: string, pid: number = process.pid): Promise<FolderLock> {
  await mkdir(dir, { recursive: true });
  const file = join(dir, 'lock');
  const mine = `${pid} ${await bornAt(pid)}`;
  for (let attempt = 0; attempt < tries; attempt++) {
    if (await written(file, mine)) {
      return { release: async () => void ((await contentOf(file)) === mine && (await rm(file, { force: true }))) };
    }
    const theirs = await contentOf(file);
    if (theirs === undefined) continue;
    if (await lives(theirs)) throw busy(dir, theirs);
    await setAside(file, theirs);
  }
  throw busy(dir, (await contentOf(file)) ?? 'unknown');
}

const busy = (dir: string, holder: string) =>
  new CannotGoOn(`Another darkroom (process ${holder.split(' ')[0]}) uses ${dir}; stop it first, or set REDIS_URL.`);

/** By a link, so that whoever sees the file sees all of it. @returns false where it is there already */
async function written(file: string, content: string): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, content, { mode: 0o600 });
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new CannotGoOn(`${file} cannot be written (${(error as Error).message}).`);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes a dead holder's file, unless somebody else was quicker and the file is theirs by now. */
async function setAside(file: string, dead: string): Promise<void> {
  const aside = `${file}.dead.${randomUUID()}`;
  await rename(file, aside).catch(() => {});
  if ((await contentOf(aside)) !== dead) await rename(aside, file).catch(() => {});
  else await rm(aside, { force: true });
}

async function contentOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

/** A number alone would do until a container starts again: there the same small numbers come back at once. */
async function lives(holder: string): Promise<boolean> {
  const [number, born] = holder.split(' ');
  const pid = Number(number);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return (await bornAt(pid)) === born;
}

/** When a process was started, in the kernel's words, with the boot it belongs to; '-' where there is no /proc. */
async function bornAt(pid: number): Promise<string> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    // The second field is the program's name in brackets and may hold spaces; the 22nd is the start in ticks.
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return `${boot.trim()}.${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return '-';
  }
}
