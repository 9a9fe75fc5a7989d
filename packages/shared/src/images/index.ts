export { type Format, formatBytes, formatOf, mediaTypeOf } from './formats.ts';
export { type Inspected, Inspector, inspectBytes } from './inspect.ts';
export { withoutMetadata } from './metadata/withoutMetadata.ts';
export { readSigningKeys, readStorageSettings } from './readSettings.ts';
export { type SigningKey, type UrlSigner, urlSigner } from './signedUrl.ts';
export { openStore, type StorageSettings } from './storage/openStore.ts';
export type { ByteRange, ListedObject, ObjectInfo, ObjectStore } from './storage/store.ts';
export { Unreadable } from './structure/walk.ts';
