import { fieldProblem } from '../../errors/index.ts';
import { imagesMax, parseImage } from '../givenImage.ts';
import type { GivenImage } from '../taskRequest.ts';

const fields = ['image', 'images', 'image_url', 'image_urls'] as const;

/**
 * The reference images of a native request, from whichever of its four fields is used; only one may be.
 * @throws Problem `conflicting_image_fields`, `invalid_request`
 */
export function parseImages(body: Record<string, unknown>): GivenImage[] {
  const used = fields.filter((field) => !isAbsent(body[field]));
  if (used.length > 1) {
    const message = `${used.map((field) => `\`${field}\``).join(' and ')} cannot be used together; use only one of them.`;
    throw fieldProblem('conflicting_image_fields', used[1]!, message);
  }
  const [field] = used;
  if (!field) return [];
  const value = body[field];
  const isList = field === 'images' || field === 'image_urls';
  if (!isList) return [parseImage(field, value)];
  if (!Array.isArray(value)) throw fieldProblem('invalid_request', field, `\`${field}\` must be a list.`);
  if (value.length > imagesMax) {
    throw fieldProblem('invalid_request', field, `\`${field}\` may hold at most ${imagesMax} images.`);
  }
  return value.map((one, i) => parseImage(`${field}[${i}]`, one));
}

const isAbsent = (value: unknown) =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);
