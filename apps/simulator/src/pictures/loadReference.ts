import { createCanvas, loadImage } from '@napi-rs/canvas';
import { request } from 'undici';
import type { Reference } from '../protocol/reference.ts';

/** A reference image that cannot be fetched or decoded; the message may be shown to the client. */
export class UnusableReference extends Error {
  override name = 'UnusableReference';
}

/** What the vendors of this market take at most for one image. */
const maxBytes = 20 * 1024 * 1024;
/** An upstream gives up on a slow host long before its client gives up on the task. */
const timeoutMs = 10_000;

/**
 * Fetches and decodes a reference image.
 * @param longSide  pixels: a larger image is kept at this size, because a task in flight holds it in memory
 * @returns a PNG
 * @throws UnusableReference
 */
export async function loadReference(reference: Reference, longSide: number): Promise<Buffer> {
  const bytes = reference.kind === 'bytes' ? reference.bytes : await fetchReference(reference.url);
  const image = await loadImage(bytes).catch(() => {
    throw new UnusableReference('the reference image cannot be decoded');
  });
  const scale = Math.min(1, longSide / Math.max(image.width, image.height));
  const scaled = (side: number) => Math.max(1, Math.round(side * scale));
  const canvas = createCanvas(scaled(image.width), scaled(image.height));
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.encode('png');
}

async function fetchReference(url: string): Promise<Buffer> {
  try {
    const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(timeoutMs) });
    if (statusCode !== 200) {
      await body.dump();
      throw new UnusableReference(`the reference image answered ${statusCode}`);
    }
    const chunks: Buffer[] = [];
    let total = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      total += chunk.length;
      // Leaving the loop destroys the body, so the rest is never downloaded.
      if (total > maxBytes) throw new UnusableReference(`the reference image has more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (error instanceof UnusableReference) throw error;
    throw new UnusableReference('the reference image cannot be fetched');
  }
}
