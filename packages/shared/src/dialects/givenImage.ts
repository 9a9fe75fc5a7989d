import { fieldProblem } from '../errors/index.ts';
import type { GivenImage } from './taskRequest.ts';

/** The models take no more references than this. */
export const imagesMax = 10;

/**
 * One reference image: a URL, a data URI, `{"url"}` or `{"b64_json", "media_type"}`.
 * @param field  where it stands in the request
 * @throws Problem `invalid_request`, `image_unreadable`
 */
export function parseImage(field: string, value: unknown): GivenImage {
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
