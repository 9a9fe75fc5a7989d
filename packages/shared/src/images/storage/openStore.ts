import { diskStore } from './disk.ts';
import { type S3Settings, s3Store } from './s3.ts';
import type { ObjectStore } from './store.ts';

export type StorageSettings = { driver: 'disk'; directory: string } | ({ driver: 's3' } & S3Settings);

/** Opens the store that the configuration names. A further driver is one file here and one line below. */
export function openStore(settings: StorageSettings): ObjectStore {
  switch (settings.driver) {
    case 'disk':
      return diskStore(settings.directory);
    case 's3': {
      const { driver: _driver, ...s3 } = settings;
      return s3Store(s3);
    }
  }
}
