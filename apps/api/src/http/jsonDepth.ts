const quote = 0x22;
const backslash = 0x5c;

/**
 * Whether JSON text nests objects and arrays deeper than allowed. Looks at the raw bytes, before anything is built of
 * them; strings, which may be pictures, are passed over at the speed of `indexOf`.
 */
export function isDeeperThan(json: Uint8Array, levels: number): boolean {
  const bytes = Buffer.from(json.buffer, json.byteOffset, json.byteLength);
  let depth = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === quote) {
      i = endOfString(bytes, i);
      if (i < 0) return false;
    } else if (byte === 0x7b || byte === 0x5b) {
      depth++;
      if (depth > levels) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return false;
}

/** Where the string that opens at `start` closes, or -1 when it never does. */
function endOfString(bytes: Buffer, start: number): number {
  for (let end = bytes.indexOf(quote, start + 1); end >= 0; end = bytes.indexOf(quote, end + 1)) {
    let escapes = 0;
    while (bytes[end - 1 - escapes] === backslash) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return -1;
}
