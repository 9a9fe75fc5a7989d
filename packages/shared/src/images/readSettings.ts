import type { Faults, Variables } from '../config/index.ts';
import { weakSecret } from '../keys/index.ts';
import type { SigningKey } from './signedUrl.ts';
import type { StorageSettings } from './storage/openStore.ts';

/** The keys of `SIGNING_KEYS`, the signing one first. */
export function readSigningKeys(text: string, faults: Faults): SigningKey[] {
  // Its absence has been told already.
  if (text === '') return [];
  const ids = new Set<string>();
  return text.split(',').flatMap((entry, i) => {
    const [id = '', secret = ''] = entry.trim().split(/:(.*)/s);
    if (!/^[A-Za-z0-9_-]{1,32}$/.test(id)) {
      faults.add('SIGNING_KEYS', 'every entry must be id:secret, with an id of 1-32 characters of A-Z a-z 0-9 _ -');
      return [];
    }
    const weak = weakSecret(secret, 32);
    // Named by its place: who mixes up id and secret must not find the secret in a log.
    if (weak) faults.add('SIGNING_KEYS', `the secret of entry ${i + 1} ${weak}; make one with 256 random bits`);
    if (ids.has(id)) faults.add('SIGNING_KEYS', `the id of entry ${i + 1} is given twice`);
    ids.add(id);
    return weak ? [] : [{ id, secret }];
  });
}

/** Where pictures are kept: a bucket when one is named, else a directory. */
export function readStorageSettings(variables: Variables): StorageSettings {
  if (variables.STORAGE_S3_BUCKET === undefined) return { driver: 'disk', directory: variables.STORAGE_DIR };
  return {
    driver: 's3',
    bucket: variables.STORAGE_S3_BUCKET,
    region: variables.STORAGE_S3_REGION,
    endpoint: variables.STORAGE_S3_ENDPOINT,
    accessKeyId: variables.STORAGE_S3_ACCESS_KEY_ID,
    secretAccessKey: variables.STORAGE_S3_SECRET_ACCESS_KEY,
    forcePathStyle: variables.STORAGE_S3_FORCE_PATH_STYLE,
  };
}
