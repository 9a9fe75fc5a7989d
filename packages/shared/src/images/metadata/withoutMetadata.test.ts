import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatOf } from '../formats.ts';
import { inspectBytes } from '../inspect.ts';
import { jpeg, pictures, png, webp } from '../testing/pictures.ts';
import { withoutMetadata } from './withoutMetadata.ts';

const stripped = (bytes: Buffer) => withoutMetadata(bytes, formatOf(bytes)!);
const secret = 'GPS 52.5200 N, 13.4050 E';

/** An EXIF segment with an orientation, a place, and whatever else a camera says. */
function exif(orientation: number, order: 'II' | 'MM'): Buffer {
  const tiff = Buffer.alloc(26);
  tiff.write(order, 0, 'latin1');
  const [two, four] =
    order === 'II' ? (['writeUInt16LE', 'writeUInt32LE'] as const) : (['writeUInt16BE', 'writeUInt32BE'] as const);
  tiff[two](42, 2);
  tiff[four](8, 4);
  tiff[two](1, 8);
  tiff[two](0x0112, 10);
  tiff[two](3, 12);
  tiff[four](1, 14);
  tiff[two](orientation, 18);
  return jpeg.segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), tiff, Buffer.from(secret)]));
}

/** A real JPEG with segments put in after its first marker. */
const withSegments = (...segments: Buffer[]) =>
  Buffer.concat([pictures.jpeg.subarray(0, 2), ...segments, pictures.jpeg.subarray(2)]);

describe('what tells of its maker is gone, and the picture is whole:', () => {
  const afterHeader = 8 + 25;
  const pngWith = (...chunks: Buffer[]) =>
    Buffer.concat([pictures.png.subarray(0, afterHeader), ...chunks, pictures.png.subarray(afterHeader)]);
  test.each<[string, Buffer]>([
    ['EXIF of a JPEG', withSegments(exif(1, 'MM'))],
    ['XMP of a JPEG', withSegments(jpeg.segment(0xe1, `http://ns.adobe.com/xap/1.0/\0${secret}`))],
    ['IPTC of a JPEG', withSegments(jpeg.segment(0xed, secret))],
    ['a comment of a JPEG', withSegments(jpeg.segment(0xfe, `<?php ${secret} ?>`))],
    ['an unknown application’s segment', withSegments(jpeg.segment(0xe5, secret))],
    ['a thumbnail in APP0', withSegments(jpeg.segment(0xe0, `JFXX\0${secret}`))],
    ...['tEXt', 'zTXt', 'iTXt', 'eXIf', 'tIME', 'prVt'].map((type): [string, Buffer] => [
      `${type} of a PNG`,
      pngWith(png.chunk(type, secret)),
    ]),
    [
      'EXIF and XMP of a WebP',
      webp.file(webp.extended(8, 8, 0x0c), webp.lossy(8, 8), webp.chunk('EXIF', secret), webp.chunk('XMP ', secret)),
    ],
    ['an unknown chunk of a WebP', webp.file(webp.extended(8, 8), webp.lossy(8, 8), webp.chunk('JUNK', secret))],
  ])('%s', (_what, bytes) => {
    expect(bytes.includes(secret)).toBe(true);
    const clean = stripped(bytes);
    expect(clean.includes(secret)).toBe(false);
    const { width, height } = inspectBytes(bytes);
    expect(inspectBytes(clean)).toMatchObject({ width, height });
  });
});

test.each(Object.entries(pictures))('a picture that tells nothing stays as it is: %s', (_name, bytes) => {
  const clean = stripped(bytes);
  expect(inspectBytes(clean)).toMatchObject({ width: 24, height: 16 });
  expect(stripped(clean)).toEqual(clean);
});

test('colours are kept: the profile and Adobe’s transform of a JPEG, profile and gamma of a PNG, profile of a WebP', () => {
  const profile = jpeg.segment(0xe2, 'ICC_PROFILE\0 profile');
  const adobe = jpeg.segment(0xee, 'Adobe transform');
  expect(stripped(withSegments(profile, adobe)).includes(Buffer.concat([profile, adobe]))).toBe(true);
  const gamma = png.chunk('gAMA', 'abcd');
  const whole = png.file(png.header(8, 8), gamma, png.chunk('IDAT', 'pixels'), png.chunk('IEND'));
  expect(stripped(whole)).toEqual(whole);
  const coloured = webp.file(webp.extended(8, 8, 0x20), webp.chunk('ICCP', 'profile'), webp.lossy(8, 8));
  expect(stripped(coloured)).toEqual(coloured);
});

test('a JPEG keeps which way is up, in either byte order, and nothing else of its EXIF', () => {
  for (const order of ['II', 'MM'] as const) {
    for (let orientation = 2; orientation <= 8; orientation++) {
      const clean = stripped(withSegments(exif(orientation, order)));
      expect(clean.includes(secret)).toBe(false);
      // Read back by the same reader: what is kept says the same.
      expect(stripped(clean)).toEqual(clean);
      expect(clean.includes(Buffer.from([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation]))).toBe(true);
    }
  }
});

test('what stands between the scans of a progressive JPEG is dropped, its coded pixels are not', () => {
  const scans = [jpeg.scan([1, 0xff, 0, 2, 0xff, 0xd3, 3]), jpeg.segment(0xfe, secret), jpeg.scan([4, 5])];
  const clean = stripped(jpeg.file(jpeg.frame(8, 8, 0xc2), ...scans));
  expect(clean).toEqual(jpeg.file(jpeg.frame(8, 8, 0xc2), scans[0]!, scans[2]!));
});

test('whatever an EXIF holds, the picture stays whole', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom('II', 'MM'), (noise, order) => {
      const data = Buffer.concat([Buffer.from(`Exif\0\0${order}`), Buffer.from(noise)]);
      const clean = stripped(withSegments(jpeg.segment(0xe1, data)));
      expect(inspectBytes(clean)).toMatchObject({ width: 24, height: 16 });
    }),
  );
});
