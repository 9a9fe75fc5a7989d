import { Readable } from 'node:stream';
import { type Format, formatBytes, formatOf, Inspector, Unreadable } from '@darkroom/shared/images';
import { readFence, type StoredImage } from '@darkroom/shared/tasks';
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
  const body = source.compose(bounded(max_result_bytes)) as Readable;
  const { head, format } = await formatAtStart(body);
  const key = `${hand.task.id}/${index}.${format.extension}`;
  const inspecting = new Inspector(format, { mayTrail: true }).stream();
  const checked = rest(head, body).compose(inspecting) as Readable;
  await deps.store.put(key, checked, format.media_type, async () => {
    const fence = await readFence(deps.records, hand.task.id, hand.index);
    if (fence !== hand.fence) throw new Stop('claim_lost');
  });
  if (!inspecting.inspected) throw new Unreadable('the picture is cut off');
  return { key, ...inspecting.inspected };
}

function decoded({ base64 }: { base64: string }, bytesMax: number): Readable {
  if (base64.length > (bytesMax * 4) / 3 + 4) throw new TooLarge(`it is larger than ${bytesMax} bytes`);
  return Readable.from([Buffer.from(base64, 'base64')]);
}

/** Reads just enough of a body to know what it is. The body can still be read on from there. */
async function formatAtStart(body: Readable): Promise<{ head: Buffer; format: Format }> {
  const iterator = body.iterator({ destroyOnReturn: false });
  let head = Buffer.alloc(0);
  while (head.length < formatBytes) {
    const next = await iterator.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value as Buffer]);
  }
  const format = formatOf(head);
  if (format) return { head, format };
  body.destroy();
  throw new Unreadable(head.length === 0 ? 'it is empty' : 'it is neither a PNG, a JPEG nor a WebP');
}

function rest(head: Buffer, body: Readable): Readable {
  return Readable.from(
    (async function* () {
      yield head;
      yield* body;
    })(),
    { objectMode: false },
  );
}
