type Entry = { picture: Promise<Buffer>; bytes: number };

/**
 * Keeps the newest pictures, up to `maxBytes` together; whoever asks for one that is being drawn waits for that one.
 * @returns a function: the picture under this key, drawn if it is not kept. Rejects when drawing does.
 */
export function createPictureCache(maxBytes: number) {
  const entries = new Map<string, Entry>();
  let total = 0;

  function kept(key: string, entry: Entry, bytes: number) {
    if (entries.get(key) !== entry) return;
    entry.bytes = bytes;
    total += bytes;
    for (const [oldest, { bytes: freed }] of entries) {
      if (total <= maxBytes || oldest === key) return;
      entries.delete(oldest);
      total -= freed;
    }
  }

  return (key: string, draw: () => Promise<Buffer>): Promise<Buffer> => {
    const known = entries.get(key);
    if (known) return known.picture;
    const entry: Entry = { picture: draw(), bytes: 0 };
    entries.set(key, entry);
    entry.picture.then(
      ({ length }) => kept(key, entry, length),
      () => entries.delete(key),
    );
    return entry.picture;
  };
}
