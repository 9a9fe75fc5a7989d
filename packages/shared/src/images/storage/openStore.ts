import { diskStore } from './disk.ts';
import type { S3Settings } from './s3.ts';
import type { ObjectStore } from './store.ts';

export type StorageSettings = { driver: 'disk'; directory: string } | ({ driver: 's3' } & S3Settings);

/** Opens the store that the configuration names. A further driver is one file here and one line below. */
export async function openStore(settings: StorageSettings): Promise<ObjectStore> {
  switch (settings.driver) {
    case 'disk':
      return diskStore(settings.directory);
    case 's3': {
      const { driver: _driver, ...s3 } = settings;
      // The S3 client is large; who keeps pictures on disk does not load it.
      return (await import('./s3.ts')).s3Store(s3);
    }
  }
}
