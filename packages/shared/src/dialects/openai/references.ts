import { fieldProblem } from '../../errors/index.ts';
import { imagesMax, parseImage } from '../givenImage.ts';
import type { GivenImage, UploadedFile } from '../taskRequest.ts';

const fields = ['image', 'images', 'image_url', 'image_urls'] as const;

/**
 * The reference images of a request in OpenAI's words: files of a form, or in JSON `image` (one or several), `images`
 * (`[{"image_url"}]`), or the native fields. Only one of them may be used.
 * @throws Problem `conflicting_image_fields`, `invalid_request`, `image_unreadable`
 */
export function referencesOf(body: Record<string, unknown>, files: readonly UploadedFile[]): GivenImage[] {
  const stray = files.find(({ field }) => field !== 'image');
  if (stray) throw fieldProblem('invalid_request', stray.field, strayMessage(stray.field));
  const used: string[] = fields.filter((field) => !isAbsent(body[field]));
  if (files.length > 0 && used[0] !== 'image') used.unshift('image');
  if (used.length > 1 || (files.length > 0 && !isAbsent(body.image))) {
    const message = `Use only one of ${fields.map((field) => `\`${field}\``).join(', ')}, and either files or URLs.`;
    throw fieldProblem('conflicting_image_fields', used.at(-1)!, message);
  }
  const [field] = used;
  if (!field) return [];
  if (files.length > 0)
    return bounded(
      field,
      files.map(({ bytes }, i) => ({ field: `image[${i}]`, bytes })),
    );
  const value = body[field];
  if (!Array.isArray(value)) return [reference(field, value)];
  return bounded(field, value).map((one, i) => reference(`${field}[${i}]`, one));
}

const strayMessage = (field: string) =>
  field === 'mask'
    ? '`mask`: the models take none; leave it out and describe in the prompt what is to change.'
    : `\`${field}\` is no file of this request; send images as \`image\` or \`image[]\`.`;

const isAbsent = (value: unknown) =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

function bounded<T>(field: string, list: T[]): T[] {
  if (list.length <= imagesMax) return list;
  throw fieldProblem('invalid_request', field, `\`${field}\` may hold at most ${imagesMax} images.`);
}

/** One reference; OpenAI's own JSON form says `{"image_url"}`, as a text or, like its chat, as `{"url"}`. */
function reference(field: string, value: unknown): GivenImage {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return parseImage(field, value);
  if ('file_id' in value) {
    throw fieldProblem(
      'invalid_request',
      `${field}.file_id`,
      'There are no stored files to edit; send a URL or bytes.',
    );
  }
  if ('image_url' in value && Object.keys(value).length === 1) return parseImage(`${field}.image_url`, value.image_url);
  return parseImage(field, value);
}
