import type { Dimensions } from './png.ts';
import { Unreadable, type Walk } from './walk.ts';

const startOfImage = 0xd8;
const endOfImage = 0xd9;
const startOfScan = 0xda;

/** Markers of frame headers: SOF0-SOF15 without DHT (C4), JPG (C8) and DAC (CC). */
const isFrameHeader = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/**
 * Walks a JPEG's segments to its end. Within a scan every byte is looked at, since only a marker ends it.
 * Source: ITU T.81, annex B.
 */
export function* walkJpeg(): Walk<Dimensions> {
  const start = yield { take: 2 };
  if (start[0] !== 0xff || start[1] !== startOfImage) throw new Unreadable('not a JPEG');
  let dimensions: Dimensions | undefined;
  let hasPixels = false;
  let marker = yield* nextMarker();
  for (;;) {
    if (marker === endOfImage) {
      if (!dimensions) throw new Unreadable('the JPEG has no frame');
      if (!hasPixels) throw new Unreadable('the JPEG has no pixels');
      return dimensions;
    }
    if (marker === startOfImage) throw new Unreadable('the JPEG holds another one');
    const length = twoBytes(yield { take: 2 });
    if (length < 2) throw new Unreadable('a JPEG segment is broken');
    if (isFrameHeader(marker)) {
      if (dimensions || length < 8) throw new Unreadable('the JPEG has more than one frame');
      const frame = yield { take: 5 };
      dimensions = { height: (frame[1]! << 8) | frame[2]!, width: (frame[3]! << 8) | frame[4]! };
      yield { skip: length - 7 };
      marker = yield* nextMarker();
    } else if (marker === startOfScan) {
      if (!dimensions) throw new Unreadable('the JPEG has a scan before its frame');
      yield { skip: length - 2 };
      marker = yield* markerAfterScan();
      hasPixels = true;
    } else {
      yield { skip: length - 2 };
      marker = yield* nextMarker();
    }
  }
}

function* nextMarker(): Walk<number> {
  if ((yield { take: 1 })[0] !== 0xff) throw new Unreadable('a JPEG marker is missing');
  for (;;) {
    const marker = (yield { take: 1 })[0]!;
    if (marker === 0xff) continue;
    if (marker === 0) throw new Unreadable('a JPEG marker is missing');
    return marker;
  }
}

/** Passes over coded pixels: a zero after FF is a stuffed byte, D0-D7 restart the scan, anything else ends it. */
function* markerAfterScan(): Walk<number> {
  for (;;) {
    yield { past: 0xff };
    let byte = 0xff;
    while (byte === 0xff) byte = (yield { take: 1 })[0]!;
    if (byte !== 0 && !(byte >= 0xd0 && byte <= 0xd7)) return byte;
  }
}

const twoBytes = (bytes: Uint8Array) => (bytes[0]! << 8) | bytes[1]!;
