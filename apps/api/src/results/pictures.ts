import { Readable } from 'node:stream';
import { type Batch, type OutcomeDeps, outcomesOf, releasedLines, standingOf } from '@darkroom/shared/batches';
import type { ObjectStore } from '@darkroom/shared/images';
import { imagesOf } from '@darkroom/shared/tasks';
import { fromStorage } from '../http/fromStorage.ts';

/** A file of an archive, open to be read. */
export type ArchiveFile = { name: string; bytes: number; at_ms: number; body: Readable };

/** What stands in an archive in place of what could not be put into it. */
const missingName = 'missing.txt';

/**
 * The pictures of an ended batch, in the order of its lines, each opened as it is asked for. What storage has no more is
 * listed in a last file: an archive without that file has every picture.
 * @throws when Redis or storage does not answer
 */
export async function* picturesOf(
  deps: OutcomeDeps & { store: ObjectStore },
  batch: Batch,
): AsyncGenerator<ArchiveFile> {
  const missing: string[] = [];
  let at_ms = batch.created_at_ms;
  for await (const { outcome } of outcomesOf(deps, batch, releasedLines(batch))) {
    const { line, task } = outcome;
    if (standingOf(batch, outcome) === 'removed') missing.push(`${numberOf(line)}: its task was removed`);
    if (!task) continue;
    at_ms = task.finished_at_ms ?? at_ms;
    for (const [i, { key, bytes }] of imagesOf(task).entries()) {
      const name = `${numberOf(line)}-${task.id}-${i + 1}${key.slice(key.lastIndexOf('.'))}`;
      const body = await fromStorage(deps.store.open(key));
      if (body) yield { name, bytes, at_ms, body };
      else missing.push(`${name}: not in storage`);
    }
  }
  if (missing.length === 0) return;
  const text = Buffer.from(`${missing.join('\n')}\n`);
  yield { name: missingName, bytes: text.length, at_ms, body: Readable.from([text]) };
}

/** A line's number as people count, from 1, so that names sort in the order of the lines. */
const numberOf = (line: number) => String(line + 1).padStart(6, '0');
