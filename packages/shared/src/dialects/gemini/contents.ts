import { z } from 'zod';
import type { GivenImage } from '../taskRequest.ts';

const Part = z
  .object({
    text: z.string().optional(),
    inlineData: z.object({ mimeType: z.string().max(100).optional(), data: z.string() }).optional(),
    fileData: z.object({ mimeType: z.string().max(100).optional(), fileUri: z.string().max(4096) }).optional(),
  })
  .refine((part) => [part.text, part.inlineData, part.fileData].some((one) => one !== undefined), {
    error: 'must have `text`, `inlineData` or `fileData`',
  });

const asList = (value: unknown) => (Array.isArray(value) ? value : [value]);
const asPart = (value: unknown) => (typeof value === 'string' ? { text: value } : value);
const asContent = (value: unknown) => {
  const isContent = typeof value === 'object' && value !== null && 'parts' in value;
  return isContent ? value : { parts: [value] };
};

const Parts = z.preprocess((value) => asList(value).map(asPart), z.array(Part).max(100));
const Content = z.object({ role: z.string().max(20).optional(), parts: Parts });
export type Content = z.infer<typeof Content>;

/** What a conversation holds: a list of contents, or one, or a text, as Google's own clients take it. */
export const Contents = z.preprocess((value) => {
  if (value === undefined) return value;
  return asList(value).map(asContent);
}, z.array(Content).min(1).max(100));

/**
 * The prompt and the reference images of a conversation, in their order: the upstream knows one turn only, so what was
 * said and drawn before is part of what it is told.
 */
export function readContents(contents: readonly Content[]): { prompt: string; images: GivenImage[] } {
  const texts: string[] = [];
  const images: GivenImage[] = [];
  for (const [i, { parts }] of contents.entries()) {
    for (const [j, { text, inlineData, fileData }] of parts.entries()) {
      const field = `contents[${i}].parts[${j}]`;
      if (text !== undefined && text.trim() !== '') texts.push(text);
      if (inlineData) images.push({ field: `${field}.inlineData.data`, base64: inlineData.data });
      if (fileData) images.push({ field: `${field}.fileData.fileUri`, url: fileData.fileUri.trim() });
    }
  }
  return { prompt: texts.join('\n'), images };
}
