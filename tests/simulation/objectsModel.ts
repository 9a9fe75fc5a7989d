import { createHash } from 'node:crypto';
import type { ObjectStore } from '@darkroom/shared/images';
import type { StoredImage } from '@darkroom/shared/tasks';
import type { Send } from './simProcess.ts';

/** What is in storage. */
export type Objects = Map<string, Buffer>;

/** Storage as one process reaches it. Between the confirmation and the object's appearance nothing can happen. */
export function objectStore(objects: Objects, send: Send): ObjectStore {
  const unused = () => Promise.reject(new Error('no use for it here'));
  return {
    async put(key, body, _mediaType, confirm) {
      const bytes = typeof body === 'string' || body instanceof Uint8Array ? Buffer.from(body) : await whole(body);
      await send('bytes are written', () => undefined);
      await confirm?.();
      objects.set(key, bytes);
    },
    open: unused,
    stat: unused,
    remove: unused,
    removeFolder: unused,
    removeHalfWritten: unused,
    check: unused,
    list: noList,
    folders: unused,
  };
}

// biome-ignore lint/correctness/useYield: nobody lists
async function* noList(): AsyncGenerator<never> {
  throw new Error('no use for it here');
}

// Not `buffer` of node:stream/consumers: it goes through a Blob, whose bytes come when the machine pleases.
async function whole(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Whether storage holds this very picture. */
export function holds(objects: Objects, { key, bytes, sha256 }: StoredImage): boolean {
  const stored = objects.get(key);
  return stored?.length === bytes && createHash('sha256').update(stored).digest('hex') === sha256;
}
