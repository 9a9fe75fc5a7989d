import { Readable, Writable } from 'node:stream';
import { Base64Of, type Parts } from '@darkroom/shared/dialects';
import { TaskFailed } from '@darkroom/shared/errors';
import type { ObjectStore } from '@darkroom/shared/images';
import type { StoredImage } from '@darkroom/shared/tasks';
import type { Response } from 'express';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sendPictures } from './sendPictures.ts';

const imageOf = (key: string, bytes: number) => ({ key, bytes }) as StoredImage;

/** Sends from a store that gives its objects in the chunks they are listed in. */
async function sent(objects: Record<string, Uint8Array[]>, parts: Parts) {
  const chunks: Buffer[] = [];
  const headers: Record<string, string> = {};
  const sink = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  const res = Object.assign(sink, { headersSent: false, set: (more: object) => Object.assign(headers, more) });
  const open = async (key: string) => objects[key] && Readable.from(objects[key].map((chunk) => Buffer.from(chunk)));
  await sendPictures(res as unknown as Response, { open } as unknown as ObjectStore, 'application/json', parts);
  return { headers, text: Buffer.concat(chunks).toString() };
}

test('pictures of any size, in chunks of any size, come as the base64 of their bytes, and the length is true', async () => {
  const chunksOf = fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(fc.array(chunksOf, { minLength: 1, maxLength: 3 }), async (pictures) => {
      const objects = Object.fromEntries(pictures.map((chunks, i) => [`task/${i}.png`, chunks]));
      const whole = pictures.map((chunks) => Buffer.concat(chunks));
      const data = whole.map(({ length }, i) => ({ b64_json: new Base64Of(imageOf(`task/${i}.png`, length)) }));
      const { headers, text } = await sent(objects, [{ created: 1, data }]);
      expect(JSON.parse(text)).toEqual({ created: 1, data: whole.map((b) => ({ b64_json: b.toString('base64') })) });
      expect(Number((headers as Record<string, string>)['content-length'])).toBe(Buffer.byteLength(text));
    }),
  );
});

test('text around the values goes out as it is', async () => {
  const { text } = await sent({ 'a/0.png': [Buffer.from('abc')] }, [
    'data: ',
    { x: new Base64Of(imageOf('a/0.png', 3)) },
    '\n\n',
  ]);
  expect(text).toBe('data: {"x":"YWJj"}\n\n');
});

test('a picture that storage no longer has is said before anything is sent', async () => {
  const answer = sent({}, [{ x: new Base64Of(imageOf('a/0.png', 3)) }]);
  await expect(answer).rejects.toBeInstanceOf(TaskFailed);
});
