import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';

const read = (name: string) => readFileSync(new URL(name, import.meta.url));

/** Real pictures of 24 by 16 pixels, drawn and encoded once with Skia. */
export const pictures = {
  png: read('pear.png'),
  jpeg: read('pear.jpg'),
  webp: read('pear.webp'),
  webpWithAlpha: read('pear-alpha.webp'),
  webpLossless: read('pear-lossless.webp'),
};

const bytesOf = (...parts: (number[] | string | Buffer)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))));

function bigEndian(value: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
}

function littleEndian(value: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntLE(value, 0, size);
  return bytes;
}

/** Builders of files part by part, for what no encoder would write. */
export const png = {
  file: (...chunks: Buffer[]) => bytesOf([0x89], 'PNG\r\n\x1a\n', ...chunks),
  chunk: (type: string, data: Buffer | string = '') => {
    const body = bytesOf(type, data);
    return bytesOf(bigEndian(body.length - 4, 4), body, bigEndian(crc32(body), 4));
  },
  header: (width: number, height: number) =>
    png.chunk('IHDR', bytesOf(bigEndian(width, 4), bigEndian(height, 4), [8, 2, 0, 0, 0])),
  sized: (width: number, height: number) =>
    png.file(png.header(width, height), png.chunk('IDAT', 'pixels'), png.chunk('IEND')),
};

export const jpeg = {
  file: (...segments: Buffer[]) => bytesOf([0xff, 0xd8], ...segments, [0xff, 0xd9]),
  segment: (marker: number, data: Buffer | string) => bytesOf([0xff, marker], bigEndian(data.length + 2, 2), data),
  frame: (width: number, height: number, marker = 0xc0) =>
    jpeg.segment(marker, bytesOf([8], bigEndian(height, 2), bigEndian(width, 2), [1, 1, 0x11, 0])),
  scan: (coded: number[] = [1, 2, 3]) => bytesOf(jpeg.segment(0xda, bytesOf([1, 1, 0, 0, 63, 0])), coded),
  sized: (width: number, height: number) => jpeg.file(jpeg.frame(width, height), jpeg.scan()),
};

export const webp = {
  file: (...chunks: Buffer[]) => {
    const body = bytesOf('WEBP', ...chunks);
    return bytesOf('RIFF', littleEndian(body.length, 4), body);
  },
  chunk: (type: string, data: Buffer | string) =>
    bytesOf(type, littleEndian(data.length, 4), data, data.length % 2 === 1 ? [0] : []),
  extended: (width: number, height: number, flags = 0) =>
    webp.chunk('VP8X', bytesOf([flags, 0, 0, 0], littleEndian(width - 1, 3), littleEndian(height - 1, 3))),
  lossy: (width: number, height: number) =>
    webp.chunk('VP8 ', bytesOf([0, 0, 0, 0x9d, 0x01, 0x2a], littleEndian(width, 2), littleEndian(height, 2), 'pixels')),
  lossless: (width: number, height: number) =>
    webp.chunk('VP8L', bytesOf([0x2f], littleEndian(width - 1 + (height - 1) * 2 ** 14, 4), 'pixels')),
};
