import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ObjectStore } from '../store.ts';

const keyOf = (name = '0.png') => `task_${randomBytes(13).toString('hex')}/${name}`;

async function* broken() {
  yield Buffer.alloc(100_000, 1);
  throw new Error('the upstream hung up');
}

/** What holds of every store, whatever keeps the objects. */
export function describeStore(name: string, start: () => Promise<ObjectStore>): void {
  describe(`a store on ${name}`, () => {
    let store: ObjectStore;
    beforeAll(async () => {
      store = await start();
    });

    const read = async (key: string, range?: { start: number; end: number }) => {
      const stream = await store.open(key, range);
      return stream && buffer(stream);
    };
    const listed = async (prefix: string) => (await Array.fromAsync(store.list(prefix), ({ key }) => key)).sort();

    test('is ready', async () => {
      await store.check();
    });

    test.each<[string, (bytes: Buffer) => Readable | Uint8Array | string]>([
      ['a stream', (bytes) => Readable.from([bytes.subarray(0, 5), bytes.subarray(5)])],
      ['bytes', (bytes) => new Uint8Array(bytes)],
      ['text', (bytes) => bytes.toString()],
    ])('gives back what was put as %s', async (_form, bodyOf) => {
      const [key, bytes] = [keyOf(), Buffer.from('a pear — eine Birne')];
      await store.put(key, bodyOf(bytes), 'image/png');
      expect(await read(key)).toEqual(bytes);
      expect(await store.stat(key)).toEqual({ bytes: bytes.length });
    });

    test('keeps an object of no bytes', async () => {
      const key = keyOf();
      await store.put(key, '', 'text/plain');
      expect(await store.stat(key)).toEqual({ bytes: 0 });
      expect(await read(key)).toEqual(Buffer.alloc(0));
    });

    test('gives back any part of an object, both ends included', async () => {
      const key = keyOf();
      await store.put(key, '0123456789', 'text/plain');
      for (const [start, end, text] of [
        [0, 0, '0'],
        [2, 5, '2345'],
        [9, 9, '9'],
        [0, 9, '0123456789'],
      ] as const) {
        expect(String(await read(key, { start, end }))).toBe(text);
      }
    });

    test('has nothing where nothing was put', async () => {
      const key = keyOf();
      await store.put(`${key}/deeper.png`, 'x', 'text/plain');
      for (const missing of [key, keyOf(), `${key}/deeper.png/deepest.png`]) {
        expect(await store.open(missing)).toBeUndefined();
        expect(await store.stat(missing)).toBeUndefined();
      }
    });

    test('replaces an object as a whole', async () => {
      const key = keyOf();
      await store.put(key, 'a long first text', 'text/plain');
      await store.put(key, 'short', 'text/plain');
      expect(String(await read(key))).toBe('short');
    });

    test('removes an object, and does not mind when there is none', async () => {
      const key = keyOf();
      await store.put(key, 'x', 'text/plain');
      await store.remove(key);
      expect(await store.stat(key)).toBeUndefined();
      expect(await listed(key)).toEqual([]);
      await store.remove(key);
    });

    test('lists the keys that begin with a prefix, wherever it ends', async () => {
      const [task, other] = [keyOf('').slice(0, -1), keyOf('').slice(0, -1)];
      const keys = [`${task}/0.png`, `${task}/1.png`, `${task}/manifest.json`, `${other}/0.png`];
      for (const key of keys) await store.put(key, 'x', 'text/plain');
      expect(await listed(`${task}/`)).toEqual(keys.slice(0, 3));
      expect(await listed(task.slice(0, -1))).toEqual(keys.slice(0, 3));
      expect(await listed(`${task}/1`)).toEqual([keys[1]]);
      expect(await listed(keys[3]!)).toEqual([keys[3]]);
      expect(await Array.fromAsync(store.list(keys[3]!))).toEqual([{ key: keys[3], bytes: 1 }]);
      expect(await listed(keyOf())).toEqual([]);
      expect(await listed('')).toEqual(expect.arrayContaining(keys));
    });

    test('keeps nothing of a stream that breaks, and leaves what was there', async () => {
      const [key, kept] = [keyOf(), keyOf()];
      await store.put(kept, 'whole', 'text/plain');
      for (const target of [key, kept]) {
        const put = store.put(target, Readable.from(broken()), 'image/png');
        await expect(put).rejects.toThrow('the upstream hung up');
      }
      expect(await store.stat(key)).toBeUndefined();
      expect(String(await read(kept))).toBe('whole');
    });

    test('asks for confirmation once all bytes are read and before the object appears', async () => {
      const key = keyOf();
      const seen: string[] = [];
      async function* body() {
        yield Buffer.from('whole');
        seen.push('end of the body');
      }
      await store.put(key, Readable.from(body()), 'image/png', async () => {
        seen.push((await store.stat(key)) ? 'it is there' : 'it is not there yet');
      });
      expect(seen).toEqual(['end of the body', 'it is not there yet']);
      expect(String(await read(key))).toBe('whole');
    });

    test.each<[string, () => Readable | string]>([
      ['a stream', () => Readable.from([Buffer.from('never')])],
      ['text', () => 'never'],
    ])('keeps nothing of %s that is not confirmed, and leaves what was there', async (_form, body) => {
      const [key, kept] = [keyOf(), keyOf()];
      await store.put(kept, 'whole', 'text/plain');
      for (const target of [key, kept]) {
        const put = store.put(target, body(), 'image/png', async () => {
          throw new Error('claim_lost');
        });
        await expect(put).rejects.toThrow('claim_lost');
      }
      expect(await store.stat(key)).toBeUndefined();
      expect(String(await read(kept))).toBe('whole');
    });

    test.each([
      '',
      '/etc/passwd',
      '../x',
      'a/../x',
      'a/..',
      './x',
      'a//x',
      'a/',
      'a\\..\\x',
      'a\0x',
      'ü',
      '.incoming/x',
    ])('refuses the key %j', async (key) => {
      const refusal = 'not a storage key';
      await expect(store.put(key, 'x', 'text/plain')).rejects.toThrow(refusal);
      await expect(store.open(key)).rejects.toThrow(refusal);
      await expect(store.stat(key)).rejects.toThrow(refusal);
      await expect(async () => store.remove(key)).rejects.toThrow(refusal);
    });

    test('tells its folders in order, page by page, each once', async () => {
      const made = Array.from({ length: 5 }, () => keyOf().split('/')[0]!).sort();
      for (const folder of made)
        for (const name of ['0.png', '1.png']) await store.put(`${folder}/${name}`, 'x', 'a/b');
      const told: string[] = [];
      for (;;) {
        const page = await store.folders(told.at(-1) ?? '', 2);
        told.push(...page);
        if (page.length < 2) break;
      }
      expect(told).toEqual([...new Set(told)].sort());
      expect(told.filter((folder) => made.includes(folder))).toEqual(made);
      expect(await store.folders('~', 10)).toEqual([]);
    });

    test('removes a folder with all that is in it, and nothing else', async () => {
      const [folder, other] = [keyOf().split('/')[0]!, keyOf()];
      for (const name of ['0.png', '1.png']) await store.put(`${folder}/${name}`, 'x', 'image/png');
      await store.put(other, 'x', 'image/png');
      expect(await store.removeFolder(folder)).toBe(2);
      expect(await listed(`${folder}/`)).toEqual([]);
      expect(await store.removeFolder(folder)).toBe(0);
      expect(await store.folders('', 1000)).not.toContain(folder);
      expect(await store.stat(other)).toEqual({ bytes: 1 });
      await expect(async () => store.removeFolder('../x')).rejects.toThrow('not a storage key');
    });

    test('has nothing half-written of its own, and takes no object for it', async () => {
      const key = keyOf();
      await store.put(key, 'whole', 'text/plain');
      expect(await store.removeHalfWritten(Date.now() + 3_600_000)).toBe(0);
      expect(String(await read(key))).toBe('whole');
    });

    test('carries 40 MiB without holding them', async () => {
      const key = keyOf();
      const [chunk, chunks] = [2 ** 16, 640];
      setFlagsFromString('--expose-gc');
      const collectGarbage = runInNewContext('gc') as () => void;
      let peak = 0;
      async function* body() {
        for (let i = 0; i < chunks; i++) {
          yield Buffer.alloc(chunk, i);
          if (i % 16 !== 0) continue;
          await turn();
          collectGarbage();
          peak = Math.max(peak, process.memoryUsage().arrayBuffers);
        }
      }
      collectGarbage();
      const before = process.memoryUsage().arrayBuffers;
      await store.put(key, Readable.from(body(), { objectMode: false }), 'image/png');
      // S3 sends parts of 5 MiB: one is gathered, joined and on its way; the test's own server holds some of it too.
      expect(peak - before).toBeLessThan(24 * 2 ** 20);
      expect(await store.stat(key)).toEqual({ bytes: chunk * chunks });
      const start = 300 * chunk - 1;
      expect(await read(key, { start, end: start + 1 })).toEqual(Buffer.from([299 % 256, 300 % 256]));
    });
  });
}
