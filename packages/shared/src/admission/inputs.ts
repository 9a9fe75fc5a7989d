import { createHash } from 'node:crypto';
import type { GivenImage } from '../dialects/index.ts';
import { type EgressSurface, judgeResolved, judgeUrl } from '../egress/index.ts';
import { fieldProblem, Problem } from '../errors/index.ts';
import { inspectBytes, type ObjectStore, Unreadable, withoutMetadata } from '../images/index.ts';
import type { InputImage, TaskId } from '../tasks/index.ts';

/** A reference image that has been judged: a URL, or bytes that are a picture. */
export type JudgedImage =
  | { field: string; url: string }
  | { field: string; bytes: Uint8Array; sha256: string; media_type: string; extension: string };

const retrySeconds = 5;

/**
 * Judges the reference images that came as bytes: their structure, not what the client says they are. What they tell of
 * their maker is taken out of them.
 * @throws Problem `image_unreadable`, `payload_too_large`
 */
export function judgeImages(images: readonly GivenImage[], bytesMax: number): JudgedImage[] {
  return images.map((image) => ('url' in image ? image : judgeBytes(image, bytesMax)));
}

function judgeBytes(image: Exclude<GivenImage, { url: string }>, bytesMax: number): JudgedImage {
  const { field } = image;
  const bytes = 'bytes' in image ? image.bytes : decoded(field, image.base64, bytesMax);
  if (bytes.length > bytesMax) throw tooLarge(field, bytesMax);
  try {
    const { media_type, format } = inspectBytes(bytes);
    const clean = withoutMetadata(bytes, format);
    const sha256 = createHash('sha256').update(clean).digest('hex');
    return { field, bytes: clean, sha256, media_type, extension: format.extension };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw fieldProblem('image_unreadable', field, `The image cannot be used: ${error.message}.`);
  }
}

function decoded(field: string, base64: string, bytesMax: number): Buffer {
  if ((base64.length * 3) / 4 > bytesMax + 3) throw tooLarge(field, bytesMax);
  if (!/^[A-Za-z0-9+/_-]+={0,2}\s*$/.test(base64.replace(/\s+/g, ''))) {
    throw fieldProblem('image_unreadable', field, 'The image is not valid base64.');
  }
  return Buffer.from(base64, 'base64');
}

const tooLarge = (field: string, bytesMax: number) =>
  fieldProblem('payload_too_large', field, `An image may have at most ${bytesMax} bytes; send it as a URL.`);

/**
 * Judges the URLs among the references: by what they say, and by where they lead when Darkroom itself will call them.
 * @param passedOn  whether the upstream is given the URL as it is
 * @throws Problem `url_not_allowed`
 */
export async function judgeUrls(
  images: readonly JudgedImage[],
  surface: EgressSurface,
  passedOn: boolean,
): Promise<void> {
  for (const image of images) {
    if (!('url' in image)) continue;
    const judged = passedOn ? judgeUrl(image.url, surface) : await judgeResolved(image.url, surface);
    if (!judged.ok) throw fieldProblem('url_not_allowed', image.field, `The URL is not allowed: ${judged.reason}.`);
  }
}

/**
 * Keeps the references that came as bytes beside the task's pictures-to-be: no picture ever stands in Redis.
 * @throws Problem `storage_unavailable`
 */
export async function storeInputs(
  store: ObjectStore,
  id: TaskId,
  images: readonly JudgedImage[],
): Promise<InputImage[]> {
  const inputs: InputImage[] = [];
  for (const [i, image] of images.entries()) {
    if ('url' in image) {
      inputs.push({ kind: 'url', url: image.url });
      continue;
    }
    // The digest in the name keeps a clashing repeat from replacing what the first request sent.
    const key = `${id}/input-${i}-${image.sha256.slice(0, 16)}.${image.extension}`;
    try {
      await store.put(key, image.bytes, image.media_type);
    } catch (error) {
      const message = 'The reference images cannot be stored now; nothing was accepted. Try again.';
      throw new Problem('storage_unavailable', message, { retryAfterSeconds: retrySeconds, cause: error });
    }
    inputs.push({ kind: 'stored', key, media_type: image.media_type });
  }
  return inputs;
}
