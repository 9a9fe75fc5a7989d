import { type Format, formats } from '../formats.ts';
import { jpegWithoutMetadata } from './jpeg.ts';
import { pngWithoutMetadata } from './png.ts';
import { webpWithoutMetadata } from './webp.ts';

/**
 * A picture without what it tells of its maker: EXIF with its places and thumbnails, XMP, comments, texts. Its pixels
 * are copied as they are coded, with what their colours need; of EXIF a JPEG keeps which way is up.
 * @param bytes  of a picture whose structure was found whole (`inspectBytes`)
 */
export function withoutMetadata(bytes: Uint8Array, format: Format): Buffer {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (format === formats.png) return pngWithoutMetadata(whole);
  return format === formats.jpeg ? jpegWithoutMetadata(whole) : webpWithoutMetadata(whole);
}
