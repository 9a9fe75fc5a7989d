import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockFolder } from './folderLock.ts';

const newDir = () => mkdtemp(join(tmpdir(), 'darkroom-lock-'));

test('a folder that a living process has is refused, with who has it', async () => {
  const dir = await newDir();
  await lockFolder(dir);
  await expect(lockFolder(dir)).rejects.toThrow(
    `Another darkroom (process ${process.pid}) uses ${dir}; stop it first, or set REDIS_URL.`,
  );
});

test('a folder given back is free, and nothing is left in it', async () => {
  const dir = await newDir();
  await (await lockFolder(dir)).release();
  expect(await readdir(dir)).toEqual([]);
  await lockFolder(dir);
});

test('the lock of a dead process is taken over', async () => {
  const dir = await newDir();
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume(); process.stdout.write("up")']);
  await once(child.stdout, 'data');
  await lockFolder(dir, child.pid);
  await expect(lockFolder(dir)).rejects.toThrow(`(process ${child.pid})`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await lockFolder(dir);
});

test.runIf(process.platform === 'linux')('a process that merely has a dead holder’s number holds nothing', async () => {
  const dir = await newDir();
  await writeFile(join(dir, 'lock'), `${process.pid} an-earlier-boot.123`);
  await lockFolder(dir);
});

test('of ten that come at once for a dead holder’s folder, one gets it', async () => {
  const dir = await newDir();
  await writeFile(join(dir, 'lock'), '999999999 -');
  const came = await Promise.allSettled(Array.from({ length: 10 }, () => lockFolder(dir)));
  expect(came.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});
