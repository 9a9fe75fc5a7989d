import { Buffer } from 'node:buffer';

/** A small whole PNG of 8 by 8 pixels. */
export const pngBase64 =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAMUlEQVR4nG3CQRGAQADEsCpBCUqqBCUoQUTfpwgDmwnhTJcz3c6kMz3O9DrT50zH+QfY5mLBPmpb4AAAAABJRU5ErkJggg==';
export const png = Buffer.from(pngBase64, 'base64');
export const pngDataUri = `data:image/png;base64,${pngBase64}`;
