import { Readable } from 'node:stream';
import { type Format, formatBytes, formatOf, Inspector, Unreadable } from '@darkroom/shared/images';
import type { StoredImage } from '@darkroom/shared/tasks';
import type { UpstreamResult } from '@darkroom/shared/upstream';
import { bounded, TooLarge } from './bounded.ts';
import type { GenerationDeps } from './deps.ts';
import type { Hand } from './hand.ts';
import { Stop } from './stop.ts';

/**
 * Stores one result under the task's name, streaming: its format is read from its first bytes, its structure is judged
 * and its digest made as it passes, and it appears in storage only when all of it was right and the claim still holds.
 * @throws FetchFailed, Unreadable, TooLarge, Stop; or what the store threw
 */
export async function storeResult(
  deps: GenerationDeps,
  hand: Hand,
  result: UpstreamResult,
  index: number,
): Promise<StoredImage> {
  const { max_result_bytes } = deps.limits;
  const source =
    'url' in result ? await deps.fetchResult.open(result.url, hand.signal) : decoded(result, max_result_bytes);
  const chunks = bounded(source, max_result_bytes);
  try {
    const { head, format } = await formatAtStart(chunks);
    const inspector = new Inspector(format, { mayTrail: true });
    const key = `${hand.task.id}/${index}.${format.extension}`;
    const checked = Readable.from(inspector.pass(head, chunks), { objectMode: false });
    await deps.store.put(key, checked, format.media_type, async () => {
      const fence = await deps.parts.fenceOf(hand.task.id, hand.index);
      if (fence !== hand.fence) throw new Stop('claim_lost');
    });
    return { key, ...inspector.end() };
  } finally {
    await chunks.return();
    source.destroy();
  }
}

function decoded({ base64 }: { base64: string }, bytesMax: number): Readable {
  if (base64.length > (bytesMax * 4) / 3 + 4) throw new TooLarge(`it is larger than ${bytesMax} bytes`);
  return Readable.from([Buffer.from(base64, 'base64')]);
}

/** Reads just enough of a body to know what it is; the rest can still be read from the same generator. */
async function formatAtStart(chunks: AsyncGenerator<Uint8Array>): Promise<{ head: Uint8Array; format: Format }> {
  let head: Uint8Array = Buffer.alloc(0);
  while (head.length < formatBytes) {
    const next = await chunks.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  const format = formatOf(head);
  if (format) return { head, format };
  throw new Unreadable(head.length === 0 ? 'it is empty' : 'it is neither a PNG, a JPEG nor a WebP');
}
