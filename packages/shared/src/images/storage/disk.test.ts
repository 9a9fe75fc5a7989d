import { chmod, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { diskStore } from './disk.ts';
import { openStore } from './openStore.ts';
import { describeStore } from './testing/describeStore.ts';

const newDirectory = () => mkdtemp(join(tmpdir(), 'darkroom-store-'));

describeStore('disk', async () => openStore({ driver: 'disk', directory: join(await newDirectory(), 'made/by/it') }));

async function directoryOfTest() {
  const directory = await newDirectory();
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

test('neither a broken stream nor a refused one leaves a file behind', async () => {
  const directory = await directoryOfTest();
  const store = diskStore(directory);
  async function* broken() {
    yield Buffer.alloc(10);
    throw new Error('broken');
  }
  const refuse = async () => {
    throw new Error('refused');
  };
  await expect(store.put('a/0.png', Readable.from(broken()), 'image/png')).rejects.toThrow('broken');
  await expect(store.put('a/0.png', 'x', 'image/png', refuse)).rejects.toThrow('refused');
  expect(await readdir(directory, { recursive: true })).toEqual(['.incoming']);
});

test('a file that a crash left half written is no object', async () => {
  const directory = await directoryOfTest();
  const store = diskStore(directory);
  await store.put('a/0.png', 'x', 'image/png');
  await writeFile(join(directory, '.incoming', 'half'), 'half a pict');
  expect(await Array.fromAsync(store.list(''))).toEqual([{ key: 'a/0.png', bytes: 1 }]);
});

test('what a writer left half-written is removed once nobody can be writing it, and nothing else', async () => {
  const directory = await directoryOfTest();
  const store = diskStore(directory);
  expect(await store.removeHalfWritten(Date.now())).toBe(0);
  await store.put('a/0.png', 'x', 'image/png');
  const then = new Date(Date.now() - 3_600_000);
  for (const name of ['old', 'young']) await writeFile(join(directory, '.incoming', name), 'half a pict');
  for (const path of ['.incoming/old', 'a/0.png']) await utimes(join(directory, path), then, then);
  const before_ms = then.getTime() + 1;
  expect(await store.removeHalfWritten(before_ms)).toBe(1);
  expect(await store.removeHalfWritten(before_ms)).toBe(0);
  expect(await readdir(join(directory, '.incoming'))).toEqual(['young']);
  expect(await store.stat('a/0.png')).toEqual({ bytes: 1 });
});

test('a reader goes on with the object it opened while another takes its place', async () => {
  const store = diskStore(await directoryOfTest());
  await store.put('a/0.png', 'first', 'image/png');
  const stream = (await store.open('a/0.png'))!;
  const first = stream[Symbol.asyncIterator]().next();
  await store.put('a/0.png', 'second', 'image/png');
  expect(String((await first).value)).toBe('first');
});

test('a directory that cannot be used is told', async () => {
  const directory = await directoryOfTest();
  await writeFile(join(directory, 'file'), 'x');
  await expect(diskStore(join(directory, 'file')).check()).rejects.toThrow();
  await chmod(directory, 0o500);
  if (process.getuid?.() !== 0) await expect(diskStore(directory).check()).rejects.toThrow();
});
