import type { Dimensions } from './png.ts';
import { Unreadable, type Walk } from './walk.ts';

/** Walks a WebP's RIFF chunks. Source: the WebP container specification; VP8 (RFC 6386) and VP8L headers. */
export function* walkWebp(): Walk<Dimensions> {
  const head = yield { take: 12 };
  if (text(head, 0) !== 'RIFF' || text(head, 8) !== 'WEBP') throw new Unreadable('not a WebP');
  let rest = littleEndian(head, 4, 4) - 4;
  let canvas: Dimensions | undefined;
  let frame: Dimensions | undefined;
  while (rest >= 8) {
    const chunk = yield { take: 8 };
    const type = text(chunk, 0);
    const length = littleEndian(chunk, 4, 4);
    const padded = length + (length % 2);
    rest -= 8 + padded;
    if (rest < 0) throw new Unreadable('a WebP chunk is longer than its file');
    if (type === 'ANIM' || type === 'ANMF') throw new Unreadable('the WebP is animated');
    if (type === 'VP8X') canvas = yield* extendedHeader(padded);
    else if (type === 'VP8 ' || type === 'VP8L') {
      if (frame) throw new Unreadable('the WebP has more than one frame');
      frame = type === 'VP8 ' ? yield* lossyHeader(padded) : yield* losslessHeader(padded);
    } else yield { skip: padded };
  }
  if (rest !== 0) throw new Unreadable('the WebP is broken at its end');
  if (!frame) throw new Unreadable('the WebP has no frame');
  if (canvas && (canvas.width !== frame.width || canvas.height !== frame.height)) {
    throw new Unreadable('the WebP contradicts itself about its size');
  }
  return frame;
}

function* extendedHeader(padded: number): Walk<Dimensions> {
  if (padded < 10) throw new Unreadable('a WebP header is broken');
  const header = yield { take: 10 };
  if ((header[0]! & 0x02) !== 0) throw new Unreadable('the WebP is animated');
  yield { skip: padded - 10 };
  return { width: littleEndian(header, 4, 3) + 1, height: littleEndian(header, 7, 3) + 1 };
}

function* lossyHeader(padded: number): Walk<Dimensions> {
  if (padded < 10) throw new Unreadable('a WebP frame is broken');
  const header = yield { take: 10 };
  if (header[3] !== 0x9d || header[4] !== 0x01 || header[5] !== 0x2a) throw new Unreadable('a WebP frame is broken');
  yield { skip: padded - 10 };
  return { width: littleEndian(header, 6, 2) & 0x3fff, height: littleEndian(header, 8, 2) & 0x3fff };
}

function* losslessHeader(padded: number): Walk<Dimensions> {
  if (padded < 5) throw new Unreadable('a WebP frame is broken');
  const header = yield { take: 5 };
  if (header[0] !== 0x2f) throw new Unreadable('a WebP frame is broken');
  yield { skip: padded - 5 };
  const bits = littleEndian(header, 1, 4);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}

const text = (bytes: Uint8Array, at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));

function littleEndian(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + bytes[at + i]!;
  return value;
}
