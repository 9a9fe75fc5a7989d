const startOfScan = 0xda;
const endOfImage = 0xd9;
const comment = 0xfe;
const [app0, app1, app2, app14, app15] = [0xe0, 0xe1, 0xe2, 0xee, 0xef];

/**
 * Copies a whole JPEG's segments but for EXIF, XMP, comments and every application's own. Kept are JFIF, the colour
 * profile (ICC in APP2), Adobe's colour transform (APP14), and which way is up, in an EXIF of our own.
 * Source: ITU T.81, annex B; CIPA DC-008 (EXIF).
 */
export function jpegWithoutMetadata(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let orientation = 1;
  let at = 2;
  while (at + 1 < bytes.length) {
    // Any number of fill bytes may stand before a marker.
    while (bytes[at + 1] === 0xff) at++;
    const marker = bytes[at + 1]!;
    if (marker === endOfImage) break;
    const next = at + 2 + bytes.readUInt16BE(at + 2);
    const segment = bytes.subarray(at, next);
    if (marker === app1) orientation = orientationOf(segment.subarray(4)) ?? orientation;
    const end = marker === startOfScan ? endOfScan(bytes, next) : next;
    if (isKept(marker, segment)) parts.push(bytes.subarray(at, end));
    at = end;
  }
  const head: Buffer[] = [Buffer.from([0xff, 0xd8])];
  // EXIF comes right after JFIF, where there is one.
  if (parts[0]?.[1] === app0) head.push(parts.shift()!);
  if (orientation !== 1) head.push(exifOf(orientation));
  return Buffer.concat([...head, ...parts, Buffer.from([0xff, endOfImage])]);
}

function isKept(marker: number, segment: Buffer): boolean {
  if (marker === comment) return false;
  if (marker < app0 || marker > app15) return true;
  const name = segment.toString('latin1', 4, 18);
  if (marker === app0) return name.startsWith('JFIF\0');
  if (marker === app2) return name.startsWith('ICC_PROFILE\0');
  return marker === app14 && name.startsWith('Adobe');
}

/** Where coded pixels end: a zero after FF is a stuffed byte, D0-D7 restart the scan, anything else is a marker. */
function endOfScan(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    const byte = bytes[at + 1]!;
    if (byte !== 0xff && byte !== 0 && !(byte >= 0xd0 && byte <= 0xd7)) return at;
  }
  return bytes.length;
}

const orientationTag = 0x0112;

/** The orientation (1-8) that an EXIF segment's data tells, if it tells one that can be. */
function orientationOf(data: Buffer): number | undefined {
  if (data.toString('latin1', 0, 6) !== 'Exif\0\0' || data.length < 14) return undefined;
  const tiff = data.subarray(6);
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const two = (at: number) => (at + 2 > tiff.length ? 0 : little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  for (let i = 0; i < Math.min(two(directory), 100); i++) {
    const entry = directory + 2 + 12 * i;
    if (two(entry) !== orientationTag) continue;
    const value = two(entry + 8);
    return value >= 1 && value <= 8 ? value : undefined;
  }
  return undefined;
}

/** An EXIF segment that says nothing but the orientation. */
function exifOf(orientation: number): Buffer {
  const tiff = Buffer.from('4d4d002a00000008000101120003000000010000000000000000', 'hex');
  tiff.writeUInt16BE(orientation, 18);
  const data = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
  const head = Buffer.from([0xff, app1, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}
