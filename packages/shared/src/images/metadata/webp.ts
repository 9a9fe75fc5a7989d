/** Chunks that pixels and their colours need. Source: WebP container specification. */
const kept = new Set(['VP8X', 'ICCP', 'ALPH', 'VP8 ', 'VP8L']);

/** Flags of VP8X that announce EXIF and XMP. */
const announced = 0x08 | 0x04;

/** Copies a whole WebP's chunks but for EXIF, XMP and whatever is not known. */
export function webpWithoutMetadata(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 12; at + 8 <= bytes.length; ) {
    const type = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const next = at + 8 + length + (length % 2);
    if (kept.has(type)) parts.push(type === 'VP8X' ? silenced(bytes.subarray(at, next)) : bytes.subarray(at, next));
    at = next;
  }
  const head = Buffer.from(bytes.subarray(0, 12));
  head.writeUInt32LE(4 + parts.reduce((sum, part) => sum + part.length, 0), 4);
  return Buffer.concat([head, ...parts]);
}

function silenced(extended: Buffer): Buffer {
  const copy = Buffer.from(extended);
  copy[8]! &= ~announced;
  return copy;
}
