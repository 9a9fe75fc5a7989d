import type { Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import type { ArchiveFile } from './pictures.ts';

/**
 * Writes files into a ZIP archive as they come, one open at a time, no faster than it is read. They are stored as they
 * are: pictures are packed already. ZIP64 begins where it must, past 4 GiB or 65,535 files.
 * @throws what making or reading a file throws, or the writable: then both are destroyed, and what was written lacks the
 *   directory at its end, without which nobody can open it
 */
export async function writeZip(files: AsyncIterable<ArchiveFile>, to: Writable): Promise<void> {
  const zip = new ZipFile();
  const output = zip.outputStream as import('node:stream').PassThrough;
  const broken = new AbortController();
  // A file that is not as long as its record says.
  zip.on('error', (error) => output.destroy(error));
  const sent = pipeline(output, to).catch((error: unknown) => {
    broken.abort();
    throw error;
  });
  const filled = fill(zip, files, broken.signal).catch((error: Error) => {
    output.destroy(error);
    throw error;
  });
  // Both have to be over: what one breaks with is what the other ends by.
  for (const half of await Promise.allSettled([sent, filled])) if (half.status === 'rejected') throw half.reason;
}

async function fill(zip: ZipFile, files: AsyncIterable<ArchiveFile>, broken: AbortSignal): Promise<void> {
  const done: unknown[] = [];
  for await (const { name, bytes, at_ms, body } of files) {
    try {
      broken.throwIfAborted();
      done.push(...withdrawDone(zip));
      zip.addReadStream(body, name, { compress: false, size: bytes, mtime: new Date(at_ms) });
      await finished(body, { signal: broken });
    } finally {
      body.destroy();
    }
  }
  const list = listOf(zip);
  list.entries = [...done, ...list.entries];
  zip.end();
}

/** yazl's own list of files, of which its types say nothing. */
const listOf = (zip: ZipFile) => zip as unknown as { entries: unknown[] };

/**
 * Takes the files off yazl's list that are written whole: it looks through the list from its begin for every file, which
 * for 66,000 took 36 s. One whose successor has been read is written.
 */
function withdrawDone(zip: ZipFile): unknown[] {
  const { entries } = listOf(zip);
  return entries.splice(0, entries.length - 1);
}
