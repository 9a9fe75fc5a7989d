import { walkJpeg } from './structure/jpeg.ts';
import { type Dimensions, walkPng } from './structure/png.ts';
import type { Walk } from './structure/walk.ts';
import { walkWebp } from './structure/webp.ts';

/** The picture formats Darkroom keeps, told apart by their first bytes; what a sender claims counts for nothing. */
export const formats = {
  png: { media_type: 'image/png', extension: 'png', walk: walkPng },
  jpeg: { media_type: 'image/jpeg', extension: 'jpg', walk: walkJpeg },
  webp: { media_type: 'image/webp', extension: 'webp', walk: walkWebp },
} as const satisfies Record<string, { media_type: string; extension: string; walk: () => Walk<Dimensions> }>;

export type Format = (typeof formats)[keyof typeof formats];

/** How many first bytes `formatOf` needs. */
export const formatBytes = 12;

/** The format that the first bytes announce, or undefined when it is none of ours. */
export function formatOf(head: Uint8Array): Format | undefined {
  const is = (at: number, ...bytes: number[]) => bytes.every((byte, i) => head[at + i] === byte);
  if (is(0, 0x89, 0x50, 0x4e, 0x47)) return formats.png;
  if (is(0, 0xff, 0xd8, 0xff)) return formats.jpeg;
  if (is(0, 0x52, 0x49, 0x46, 0x46) && is(8, 0x57, 0x45, 0x42, 0x50)) return formats.webp;
  return undefined;
}

/** The media type of a stored picture's file name, or undefined for any other name. */
export function mediaTypeOf(name: string): string | undefined {
  return Object.values(formats).find(({ extension }) => name.endsWith(`.${extension}`))?.media_type;
}
