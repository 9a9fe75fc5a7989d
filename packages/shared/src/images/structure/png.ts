import { Unreadable, type Walk } from './walk.ts';

export type Dimensions = { width: number; height: number };

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Walks a PNG's chunks from IHDR to IEND. Source: PNG specification, section 5. */
export function* walkPng(): Walk<Dimensions> {
  if (!signature.equals(yield { take: 8 })) throw new Unreadable('not a PNG');
  let dimensions: Dimensions | undefined;
  let hasPixels = false;
  for (;;) {
    const head = view(yield { take: 8 });
    const length = head.getUint32(0);
    const type = String.fromCharCode(head.getUint8(4), head.getUint8(5), head.getUint8(6), head.getUint8(7));
    if (!/^[A-Za-z]{4}$/.test(type) || length > 0x7fffffff) throw new Unreadable('a PNG chunk is broken');
    if (!dimensions) {
      if (type !== 'IHDR' || length !== 13) throw new Unreadable('the PNG does not begin with its header');
      const header = view(yield { take: 13 });
      dimensions = { width: header.getUint32(0), height: header.getUint32(4) };
      yield { skip: 4 };
      continue;
    }
    if (type === 'acTL') throw new Unreadable('the PNG is animated');
    if (type === 'IHDR') throw new Unreadable('the PNG has two headers');
    if (type === 'IDAT') hasPixels = true;
    yield { skip: length + 4 };
    if (type !== 'IEND') continue;
    if (!hasPixels) throw new Unreadable('the PNG has no pixels');
    return dimensions;
  }
}

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
