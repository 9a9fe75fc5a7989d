import { describe, expect, test } from 'vitest';
import { inspectBytes } from '../inspect.ts';
import { jpeg, pictures, png, webp } from '../testing/pictures.ts';
import { Unreadable } from './walk.ts';

const sizeOf = (bytes: Buffer) => {
  const { width, height } = inspectBytes(bytes);
  return `${width}x${height}`;
};

describe('a picture of', () => {
  const files: [string, (width: number, height: number) => Buffer][] = [
    ['PNG', png.sized],
    ['JPEG', jpeg.sized],
    ['lossy WebP', (w, h) => webp.file(webp.lossy(w, h))],
    ['lossless WebP', (w, h) => webp.file(webp.lossless(w, h))],
    ['extended WebP', (w, h) => webp.file(webp.extended(w, h), webp.lossless(w, h))],
  ];

  test.each(files)('%s says its size', (_format, file) => {
    for (const [w, h] of [
      [1, 1],
      [300, 7],
      [7, 300],
      [10_000, 10_000],
    ] as const) {
      expect(sizeOf(file(w, h))).toBe(`${w}x${h}`);
    }
  });

  test.each(files)('%s has at most 100 megapixels', (_format, file) => {
    expect(() => sizeOf(file(10_000, 10_001))).toThrow('more than 100 megapixels');
    expect(() => sizeOf(file(16_383, 16_383))).toThrow('more than 100 megapixels');
  });

  test.each(files.slice(0, 3))('%s without width or height is refused', (_format, file) => {
    expect(() => sizeOf(file(0, 10))).toThrow('has no size');
    expect(() => sizeOf(file(10, 0))).toThrow('has no size');
  });

  test('a PNG may claim sizes that only it can hold, and is refused', () => {
    expect(() => sizeOf(png.sized(0xffffffff, 0xffffffff))).toThrow('more than 100 megapixels');
  });
});

describe('a PNG', () => {
  const { header, chunk, file } = png;
  const [start, pixels, end] = [header(4, 4), chunk('IDAT', 'p'), chunk('IEND')];

  test('may have text, colour and several pieces of pixels', () => {
    expect(sizeOf(file(start, chunk('iCCP', 'x'), chunk('PLTE', 'abc'), pixels, pixels, chunk('tEXt', 'a'), end))).toBe(
      '4x4',
    );
  });

  test.each<[string, Buffer, string]>([
    ['that is animated', file(start, chunk('acTL', '\0\0\0\x02\0\0\0\0'), pixels, chunk('fcTL', 'x'), end), 'animated'],
    ['that is animated behind its pixels', file(start, pixels, chunk('acTL', 'x'), end), 'animated'],
    ['with two headers', file(start, start, pixels, end), 'two headers'],
    ['without pixels', file(start, end), 'no pixels'],
    ['that begins with something else', file(chunk('tEXt', 'a'), start, pixels, end), 'begin with its header'],
    ['with an overlong header', file(chunk('IHDR', Buffer.alloc(14)), pixels, end), 'begin with its header'],
    ['without an end', file(start, pixels), 'cut off'],
    ['with a chunk without a name', file(start, chunk('\0\0\0\0', ''), pixels, end), 'chunk is broken'],
    ['with a chunk of 4 GiB', file(start, Buffer.from([0xff, 0xff, 0xff, 0xff]), Buffer.from('IDATxxxx')), 'broken'],
    ['whose signature was through a text filter', Buffer.from('\x89PNG\n\x1a\n\0\0\0\rIHDR', 'latin1'), 'not a PNG'],
    ['inside another', file(start, pixels, pictures.png, end), 'broken'],
  ])('%s is refused', (_what, bytes, reason) => expect(() => inspectBytes(bytes)).toThrow(reason));
});

describe('a JPEG', () => {
  const { segment, frame, scan, file } = jpeg;

  test('may be progressive, have restarts, stuffed bytes, fill bytes and a thumbnail', () => {
    const thumbnail = segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), jpeg.sized(2, 2)]));
    const tables = segment(0xc4, 'a table');
    const coded = [1, 0xff, 0x00, 2, 0xff, 0xd0, 3, 0xff, 0xd7, 4, 0xff, 0x00];
    const bytes = file(thumbnail, frame(9, 5, 0xc2), tables, scan(coded), Buffer.from([0xff]), tables, scan(coded));
    expect(sizeOf(bytes)).toBe('9x5');
  });

  test.each<[string, Buffer, string]>([
    ['of two frames', file(frame(4, 4), frame(4, 4), scan()), 'more than one frame'],
    ['of two frames with a scan each', file(frame(4, 4), scan(), frame(4, 4), scan()), 'more than one frame'],
    ['without a frame', file(segment(0xe0, 'JFIF')), 'no frame'],
    ['without a scan', file(frame(4, 4)), 'no pixels'],
    ['whose scan comes first', file(scan(), frame(4, 4)), 'before its frame'],
    ['with another inside', file(frame(4, 4), jpeg.sized(2, 2)), 'holds another'],
    ['followed by another', Buffer.concat([jpeg.sized(4, 4), jpeg.sized(4, 4)]), 'bytes follow'],
    ['with an overshort segment', file(Buffer.from([0xff, 0xe0, 0, 1])), 'segment is broken'],
    ['with an overshort frame', file(segment(0xc0, 'abc'), scan()), 'more than one frame'],
    ['without markers', file(frame(4, 4), Buffer.from('text')), 'marker is missing'],
    ['that ends within a scan', file(frame(4, 4), scan()).subarray(0, -2), 'cut off'],
  ])('%s is refused', (_what, bytes, reason) => expect(() => inspectBytes(bytes)).toThrow(reason));
});

describe('a WebP', () => {
  const { extended, lossy, lossless, chunk, file } = webp;

  test('may carry alpha, a profile, metadata and pieces unknown to us', () => {
    const bytes = file(extended(4, 4, 0x3c), chunk('ICCP', 'odd'), chunk('ALPH', 'a'), lossy(4, 4), chunk('XMP ', 'x'));
    expect(sizeOf(bytes)).toBe('4x4');
  });

  test.each<[string, Buffer, string]>([
    ['that says it is animated', file(extended(4, 4, 0x02), lossy(4, 4)), 'animated'],
    ['with an animation', file(extended(4, 4), chunk('ANIM', Buffer.alloc(6)), lossy(4, 4)), 'animated'],
    ['with an animation’s frame', file(extended(4, 4), chunk('ANMF', Buffer.alloc(16))), 'animated'],
    ['of two frames', file(extended(4, 4), lossy(4, 4), lossy(4, 4)), 'more than one frame'],
    ['of two kinds of frame', file(lossy(4, 4), lossless(4, 4)), 'more than one frame'],
    ['without a frame', file(extended(4, 4)), 'no frame'],
    ['that is empty', file(), 'no frame'],
    ['whose frame is larger than it says', file(extended(1, 1), lossless(16_000, 16_000)), 'contradicts itself'],
    [
      'with a chunk longer than the file',
      file(Buffer.from('ICCP\xff\xff\xff\x00', 'latin1'), lossy(4, 4)),
      'longer than',
    ],
    ['with a few bytes too many inside', file(lossy(4, 4), Buffer.from('1234')), 'broken at its end'],
    ['followed by more than it says', Buffer.concat([file(lossy(4, 4)), Buffer.from('1234')]), 'bytes follow'],
    ['with an overshort frame', file(chunk('VP8 ', 'abc')), 'frame is broken'],
    ['with an overshort header', file(chunk('VP8X', 'abc'), lossy(4, 4)), 'header is broken'],
    ['whose frame has no start code', file(chunk('VP8 ', Buffer.alloc(20))), 'frame is broken'],
    ['whose lossless frame has no signature', file(chunk('VP8L', Buffer.alloc(20))), 'frame is broken'],
  ])('%s is refused', (_what, bytes, reason) => expect(() => inspectBytes(bytes)).toThrow(reason));
});

test('what is wrong with a picture never repeats its bytes', () => {
  const secret = 'sk-secret-in-a-comment';
  const bytes = png.file(png.header(4, 4), png.chunk('tEXt', secret), png.chunk('\0bad', secret));
  expect(() => inspectBytes(bytes)).toThrow(Unreadable);
  expect(() => inspectBytes(bytes)).not.toThrow(secret);
});
