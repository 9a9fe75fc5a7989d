import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { test } from './world/world.ts';

async function picture(world: Parameters<typeof fetchPicture>[0]) {
  const { task_id } = await world.client.submit({ model: 'NanoBanana', prompt: 'served', output_format: 'webp' });
  return (await world.client.finished(task_id)).metadata.images[0]!;
}
const fetchPicture = async (world: import('./world/world.ts').World, headers = {}) =>
  fetch((await picture(world)).url, { headers });

test('a picture is served as nothing but itself, to be kept by caches', async ({ world }) => {
  const image = await picture(world);
  const answer = await fetch(image.url);
  expect(answer.status).toBe(200);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'image/webp',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cache-control': expect.stringMatching(/^public, max-age=\d+, immutable$/),
    etag: expect.stringMatching(/^".+"$/),
    'content-length': String(image.bytes),
  });
  const bytes = await answer.bytes();
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(image.sha256);
});

test('a picture is served in ranges and not again to whoever has it', async ({ world }) => {
  const { url, bytes } = await picture(world);
  const whole = await fetch(url);
  const etag = whole.headers.get('etag')!;
  const all = Buffer.from(await whole.bytes());
  const part = await fetch(url, { headers: { range: 'bytes=2-5' } });
  expect(part.status).toBe(206);
  expect(part.headers.get('content-range')).toBe(`bytes 2-5/${bytes}`);
  expect(Buffer.from(await part.bytes())).toEqual(all.subarray(2, 6));
  const tail = await fetch(url, { headers: { range: 'bytes=-3', 'if-range': etag } });
  expect(Buffer.from(await tail.bytes())).toEqual(all.subarray(-3));
  const stale = await fetch(url, { headers: { range: 'bytes=0-1', 'if-range': '"another"' } });
  expect(stale.status).toBe(200);
  await stale.body?.cancel();
  const beyond = await fetch(url, { headers: { range: `bytes=${bytes}-` } });
  expect(beyond.status).toBe(416);
  expect(beyond.headers.get('content-range')).toBe(`bytes */${bytes}`);
  expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
  const head = await fetch(url, { method: 'HEAD' });
  expect(head.headers.get('content-length')).toBe(String(bytes));
});

test('a URL that is not signed, was changed or is of nothing opens nothing', async ({ world }) => {
  const { url } = await picture(world);
  const change = (edit: (url: URL) => void) => {
    const changed = new URL(url);
    edit(changed);
    return fetch(changed);
  };
  const refused = [
    await change((u) => u.searchParams.delete('sig')),
    await change((u) => u.searchParams.set('exp', String(Number(u.searchParams.get('exp')) + 3600))),
    await change((u) => u.searchParams.set('kid', 'other')),
    await change((u) => {
      u.pathname = u.pathname.replace('0.webp', '1.webp');
    }),
    await change((u) => {
      u.pathname = u.pathname.replace('0.webp', 'manifest.json');
    }),
  ];
  for (const answer of refused) {
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ code: 'forbidden', data: null });
  }
});
