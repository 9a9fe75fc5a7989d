import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from './openStore.ts';
import { describeStore } from './testing/describeStore.ts';
import { type S3Server, s3Server } from './testing/s3Server.ts';

let directory: string;
let server: S3Server;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'darkroom-s3-'));
  server = await s3Server(directory, 'pictures');
});
afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true, force: true });
});

const open = (bucket = 'pictures') =>
  openStore({
    driver: 's3',
    bucket,
    region: 'us-east-1',
    endpoint: server.url,
    accessKeyId: 'id',
    secretAccessKey: 'secret',
    forcePathStyle: true,
  });

describeStore('an S3-compatible server', () => open());

test('a bucket that is not there is told', async () => {
  await expect((await open('nowhere')).check()).rejects.toThrow();
});

test('more keys than one page of a list holds are all listed', async () => {
  const store = await open();
  const keys = Array.from({ length: 250 }, (_, i) => `many/${String(i).padStart(4, '0')}.png`);
  await Promise.all(keys.map((key) => store.put(key, 'x', 'image/png')));
  expect(await Array.fromAsync(store.list('many/'))).toEqual(keys.map((key) => ({ key, bytes: 1 })));
});

test('a large body goes in parts; one that breaks off or is not confirmed leaves no part behind', async () => {
  const store = await open();
  async function* body(chunks: number, ending?: Error) {
    for (let i = 0; i < chunks; i++) yield Buffer.alloc(2 ** 20, i);
    if (ending) throw ending;
  }
  const refuse = async () => {
    throw new Error('claim_lost');
  };
  const put = (key: string, ending?: Error, confirm?: () => Promise<void>) =>
    store.put(key, Readable.from(body(12, ending), { objectMode: false }), 'image/png', confirm);
  await put('large/0.png');
  expect(server.asked.filter((what) => what === 'PUT part').length).toBeGreaterThanOrEqual(3);
  await expect(put('large/1.png', new Error('hung up'))).rejects.toThrow('hung up');
  await expect(put('large/2.png', undefined, refuse)).rejects.toThrow('claim_lost');
  expect(await Array.fromAsync(store.list('large/'))).toEqual([{ key: 'large/0.png', bytes: 12 * 2 ** 20 }]);
  expect(server.openUploads()).toEqual([]);
});
