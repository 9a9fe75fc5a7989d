import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { openStore, type StorageSettings } from '@darkroom/shared/images';
import { type Finding, fail, ok } from './report.ts';

/** Writes an object, reads it back and removes it. */
export async function checkStorage(settings: StorageSettings): Promise<Finding[]> {
  const probe = randomUUID();
  const key = `doctor/${probe}.txt`;
  try {
    const store = await openStore(settings);
    await store.put(key, probe, 'text/plain');
    const object = await store.open(key);
    const read = object ? await text(object) : '';
    await store.remove(key);
    return [read === probe ? ok('It takes, gives back and removes objects.') : fail('It gave back something else.')];
  } catch (error) {
    return [fail(`It does not take, give back and remove objects: ${(error as Error).message}.`)];
  }
}
