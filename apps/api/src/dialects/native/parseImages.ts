import { fieldProblem } from '@darkroom/shared/errors';
import type { GivenImage } from '../../admission/taskRequest.ts';

/** The model takes no more references than this. */
const imagesMax = 10;

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

function parseImage(field: string, value: unknown): GivenImage {
  if (typeof value === 'string') return parseText(field, value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(field);
  const members = value as Record<string, unknown>;
  const unknown = Object.keys(members).find((name) => !['url', 'b64_json', 'media_type'].includes(name));
  if (unknown)
    throw fieldProblem('invalid_request', `${field}.${unknown}`, `\`${unknown}\` is not a member of an image.`);
  const { url, b64_json } = members;
  if (typeof url === 'string' && b64_json === undefined) return parseText(`${field}.url`, url);
  if (typeof b64_json === 'string' && url === undefined)
    return { field, base64: b64_json.replace(/^data:[^,]*,/i, '') };
  throw malformed(field);
}

function parseText(field: string, text: string): GivenImage {
  const trimmed = text.trim();
  if (!/^data:/i.test(trimmed)) {
    if (trimmed === '') throw malformed(field);
    return { field, url: trimmed };
  }
  const comma = trimmed.indexOf(',');
  if (comma < 0 || !/;base64$/i.test(trimmed.slice(0, comma))) {
    throw fieldProblem('image_unreadable', field, 'A data URI must hold base64: `data:image/png;base64,…`.');
  }
  return { field, base64: trimmed.slice(comma + 1) };
}

const malformed = (field: string) =>
  fieldProblem('invalid_request', field, 'An image is a URL, a data URI, `{"url"}` or `{"b64_json", "media_type"}`.');
