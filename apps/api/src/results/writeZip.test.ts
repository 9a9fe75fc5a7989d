import { PassThrough, Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { fromBufferPromise } from 'yauzl';
import type { ArchiveFile } from './pictures.ts';
import { writeZip } from './writeZip.ts';

const file = (name: string, content: Uint8Array, more: Partial<ArchiveFile> = {}): ArchiveFile => ({
  name,
  bytes: content.length,
  at_ms: Date.UTC(2026, 0, 1),
  body: Readable.from([content], { objectMode: false }),
  ...more,
});

async function written(files: AsyncIterable<ArchiveFile>): Promise<Buffer> {
  const to = new PassThrough();
  const [bytes] = await Promise.all([buffer(to), writeZip(files, to)]);
  return bytes;
}

async function* listed(...files: ArchiveFile[]) {
  yield* files;
}

/** What an archive holds, read by another library than wrote it. */
async function read(bytes: Buffer): Promise<{ name: string; method: number; content: Buffer }[]> {
  const zip = await fromBufferPromise(bytes);
  const found = [];
  for await (const entry of zip.eachEntry()) {
    const content = await buffer(await zip.openReadStreamPromise(entry));
    found.push({ name: entry.fileName, method: entry.compressionMethod, content });
  }
  return found;
}

const stored = 0;

test('files are stored as they are, in their order', async () => {
  const [one, two] = [Buffer.from('one'), Buffer.alloc(300_000, 'two')];
  expect(await read(await written(listed(file('a.png', one), file('b.png', two))))).toEqual([
    { name: 'a.png', method: stored, content: one },
    { name: 'b.png', method: stored, content: two },
  ]);
  expect(await read(await written(listed()))).toEqual([]);
});

test('more files than a plain archive can count are written as ZIP64', async () => {
  const count = 66_000;
  async function* many() {
    for (let i = 0; i < count; i++) yield file(`${i}.png`, Buffer.from('x'));
  }
  const bytes = await written(many());
  const zip = await fromBufferPromise(bytes, { autoClose: false });
  expect(zip.entryCount).toBe(count);
  let seen = 0;
  for await (const entry of zip.eachEntry()) expect(entry.fileName).toBe(`${seen++}.png`);
  expect(seen).toBe(count);
});

test('nothing is opened ahead of who reads, and nothing after he has hung up', async () => {
  let opened = 0;
  let isClosed = false;
  const bodies: Readable[] = [];
  async function* endless() {
    try {
      for (;;) {
        const one = file(`${opened++}.png`, Buffer.alloc(1_000_000));
        bodies.push(one.body);
        yield one;
      }
    } finally {
      isClosed = true;
    }
  }
  let read = 0;
  let goOn: () => void = () => undefined;
  const to = new Writable({
    write(chunk: Buffer, _encoding, done) {
      read += chunk.length;
      if (read < 1_500_000) return done();
      goOn();
    },
  });
  const stuck = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const writing = writeZip(endless(), to);
  await stuck;
  expect(opened).toBeLessThanOrEqual(3);
  to.destroy();
  await expect(writing).rejects.toThrow();
  await expect.poll(() => isClosed).toBe(true);
  expect(bodies.every((body) => body.destroyed)).toBe(true);
  expect(opened).toBeLessThanOrEqual(3);
});

test.each([
  ['a file breaks in the middle', () => file('a', Buffer.alloc(10), { body: breaking() })],
  ['a file is shorter than its record says', () => file('a', Buffer.alloc(10), { bytes: 11 })],
])('when %s nobody can open what was written', async (_, broken) => {
  const chunks: Buffer[] = [];
  const to = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  await expect(writeZip(listed(file('whole', Buffer.from('x')), broken()), to)).rejects.toThrow();
  expect(to.destroyed).toBe(true);
  await expect(fromBufferPromise(Buffer.concat(chunks))).rejects.toThrow();
});

function breaking(): Readable {
  async function* half() {
    yield Buffer.alloc(5);
    throw new Error('storage went away');
  }
  return Readable.from(half(), { objectMode: false });
}
