import type { SubmissionBody } from './body.ts';
import { Refused } from './refusal.ts';

/** A reference image as the client gave it: where to fetch it, or its bytes. */
export type Reference = { kind: 'url'; url: string } | { kind: 'bytes'; bytes: Buffer };

/** More than any model of the family takes; keeps one submission from ordering a hundred downloads. */
const maxReferences = 10;
const imageFields = ['image', 'images', 'image_url', 'image_urls'] as const;

/**
 * Collects the reference images out of whichever one field holds them.
 * @throws Refused 400 when two fields hold images, or one of them cannot be one
 */
export function readReferences({ fields, files }: SubmissionBody): Reference[] {
  const used = imageFields.filter((name) => isGiven(fields[name]));
  if (used.length + (files.length > 0 ? 1 : 0) > 1) {
    const names = [...used, ...(files.length > 0 ? ['an uploaded file'] : [])].join(' and ');
    throw new Refused(400, 'conflicting_image_fields', `${names} cannot be used together`);
  }
  const given = used.flatMap((name) => fields[name] as unknown);
  const references = [...given.map((value) => readReference(value)), ...files.map(({ bytes }) => fromBytes(bytes))];
  if (references.length > maxReferences)
    throw new Refused(400, 'too_many_images', `a task takes at most ${maxReferences} images`);
  return references;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
}

function readReference(value: unknown): Reference {
  if (typeof value === 'string') return fromText(value);
  if (typeof value === 'object' && value !== null) {
    const { url, b64_json: base64 } = value as Record<string, unknown>;
    if (typeof url === 'string') return fromText(url);
    if (typeof base64 === 'string') return fromBase64(base64);
  }
  throw unusable('an image is a URL, a data URI, {"url"} or {"b64_json"}');
}

function fromText(text: string): Reference {
  const data = /^data:image\/[a-z0-9.+-]+;base64,/i.exec(text);
  if (data) return fromBase64(text.slice(data[0].length));
  if (URL.canParse(text) && /^https?:\/\//i.test(text)) return { kind: 'url', url: text };
  throw unusable('an image is an http(s) URL or a base64 data URI');
}

const fromBase64 = (text: string) => fromBytes(Buffer.from(text, 'base64'));

function fromBytes(bytes: Buffer): Reference {
  if (!looksLikeImage(bytes)) throw unusable('the image is not a PNG, JPEG, WebP or GIF');
  return { kind: 'bytes', bytes };
}

const unusable = (message: string) => new Refused(400, 'invalid_image', message);

/** Judges by the first bytes, as vendors do; whether it decodes shows when the task runs. */
function looksLikeImage(bytes: Buffer): boolean {
  const head = bytes.toString('latin1', 0, 12);
  return /^(\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP)/s.test(head);
}
