import { deflateSync } from 'node:zlib';
import { jpeg, pictures, png, webp } from '../../packages/shared/src/images/testing/pictures.ts';

const text = (content: string) => Buffer.from(content, 'latin1');
const then = (...parts: Buffer[]) => Buffer.concat(parts);

const zip = text('PK\x03\x04\x14\0\0\0\0\0');
const html = text('<html><script>alert(document.domain)</script></html>');
const animation = png.chunk('acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]));

/** A real PNG of so many pixels of one colour: a few kilobytes that unpack to gigabytes. */
function bomb(width: number, height: number): Buffer {
  const rows = deflateSync(Buffer.alloc(Math.min(height, 1000) * (1 + Math.ceil(width / 8))), { level: 9 });
  return png.file(png.header(width, height), png.chunk('IDAT', rows), png.chunk('IEND'));
}

/** Files that somebody may send as a reference image and that must not be taken for one. */
export const hostileImages: Record<string, Buffer> = {
  'a PNG of 50,000 by 50,000 pixels': bomb(50_000, 50_000),
  'a PNG of 2^31 - 1 by 1 pixels': bomb(0x7fffffff, 1),
  'a JPEG of 65,535 by 65,535 pixels': jpeg.sized(65_535, 65_535),
  'a lossless WebP of 16,384 by 16,384 pixels': webp.file(webp.lossless(16_384, 16_384)),
  'a WebP canvas of 2^24 pixels a side': webp.file(webp.extended(2 ** 24, 2 ** 24), webp.lossy(8, 8)),
  'a PNG without a size': bomb(0, 10),
  'an animated PNG': png.file(png.header(8, 8), animation, png.chunk('IDAT', 'pixels'), png.chunk('IEND')),
  'an animated WebP': webp.file(webp.extended(8, 8, 0x02), webp.chunk('ANIM', '123456'), webp.chunk('ANMF', 'frame')),
  'a PNG with a ZIP behind it': then(pictures.png, zip),
  'a JPEG with a page behind it': then(pictures.jpeg, html),
  'a JPEG with another one behind it': then(pictures.jpeg, pictures.jpeg),
  'a WebP with a script behind it': then(pictures.webp, text('*/=1;alert(1)//')),
  'a page that begins like a PNG': then(text('\x89PNG\r\n\x1a\n'), html),
  'a GIF': text('GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;'),
  'a GIF that is a script': text('GIF89a/*\0*/=1;alert(1);'),
  'an SVG that fetches': text('<svg xmlns="http://www.w3.org/2000/svg"><image href="http://169.254.169.254/"/></svg>'),
  'an SVG of nested entities': text('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><svg>&b;</svg>'),
  'a page': html,
  'a PDF': text('%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>'),
  'a ZIP': zip,
  'a bitmap': then(text('BM'), Buffer.alloc(60)),
  'a TIFF': text('II*\0\x08\0\0\0\0\0'),
  'an AVIF': then(Buffer.from([0, 0, 0, 28]), text('ftypavif\0\0\0\0avifmif1miaf')),
  'a PNG cut off': pictures.png.subarray(0, pictures.png.length - 20),
  'a JPEG cut off': pictures.jpeg.subarray(0, pictures.jpeg.length - 20),
  'a WebP cut off': pictures.webp.subarray(0, pictures.webp.length - 20),
  'a PNG whose chunk is 2 GiB long': then(
    png.file(png.header(8, 8)),
    Buffer.from([0x7f, 0xff, 0xff, 0xff]),
    text('IDATx'),
  ),
  'a PNG without pixels': png.file(png.header(8, 8), png.chunk('IEND')),
  'a JPEG of two frames': jpeg.file(jpeg.frame(8, 8), jpeg.frame(9, 9), jpeg.scan()),
  'a JPEG whose segment has no length': then(Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0]), Buffer.alloc(50)),
  'a WebP that says it is longer': (() => {
    const file = Buffer.from(pictures.webp);
    file.writeUInt32LE(0xffffffff, 4);
    return file;
  })(),
  'a WebP of two frames': webp.file(webp.lossy(8, 8), webp.lossy(8, 8)),
  'a text': text('no picture at all'),
  'base64 of a picture': text(pictures.png.toString('base64')),
  'one byte': Buffer.from([0x89]),
};
