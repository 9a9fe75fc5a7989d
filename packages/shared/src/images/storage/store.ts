import type { Readable } from 'node:stream';

/** What is known of a stored object without reading it. */
export type ObjectInfo = { bytes: number };

/** An object as a list shows it. */
export type ListedObject = ObjectInfo & { key: string };

/** A part of an object: first and last byte, both included. */
export type ByteRange = { start: number; end: number };

/**
 * Where pictures and manifests are kept. Keys are ours: `<task id>/<name>`, characters `[A-Za-z0-9._/-]`.
 * Every driver passes the same suite (`storage.test.ts`). All of them throw when the store cannot be reached.
 */
export type ObjectStore = {
  /**
   * Writes an object whole or not at all: no reader ever sees a part of it, and a crash leaves none behind.
   * @param confirm  asked once all bytes have been written, before the object appears; when it throws, nothing does
   */
  put(
    key: string,
    body: Readable | Uint8Array | string,
    mediaType: string,
    confirm?: () => Promise<void>,
  ): Promise<void>;
  /** Opens an object, or a range of it. @returns undefined when there is none */
  open(key: string, range?: ByteRange): Promise<Readable | undefined>;
  /** @returns undefined when there is no such object */
  stat(key: string): Promise<ObjectInfo | undefined>;
  /** Removes an object; one that is not there is fine. */
  remove(key: string): Promise<void>;
  /** Objects whose keys begin with the prefix, in no particular order; never all of them in memory. */
  list(prefix: string): AsyncIterable<ListedObject>;
  /**
   * Names of the folders at the top, in order.
   * @param after  only those that come after this name; '' begins
   * @param limit  how many at most
   */
  folders(after: string, limit: number): Promise<string[]>;
  /** Removes all objects of a folder at the top. @returns how many there were */
  removeFolder(folder: string): Promise<number>;
  /**
   * Removes what writers left half-written that died before `before_ms` (ms since the epoch).
   * @returns how many there were; 0 where a rule of the store itself does it
   */
  removeHalfWritten(before_ms: number): Promise<number>;
  /** Resolves when the store takes and gives back objects now. */
  check(): Promise<void>;
};

const keyPattern = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

/** Refuses a key that is not of our making: no empty, dotted or absolute step can name a file outside the store. */
export function checkedKey(key: string): string {
  if (!keyPattern.test(key) || key.length > 512) throw new Error('not a storage key');
  return key;
}
