/** Chunks that pixels and their colours need. Source: PNG specification, third edition, section 11. */
const kept = new Set('IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs'.split(' '));

const signatureBytes = 8;

/** Copies a whole PNG's chunks but for texts, times, EXIF and whatever is not known. */
export function pngWithoutMetadata(bytes: Buffer): Buffer {
  const parts = [bytes.subarray(0, signatureBytes)];
  for (let at = signatureBytes; at + 12 <= bytes.length; ) {
    const next = at + 12 + bytes.readUInt32BE(at);
    if (kept.has(bytes.toString('latin1', at + 4, at + 8))) parts.push(bytes.subarray(at, next));
    at = next;
  }
  return Buffer.concat(parts);
}
