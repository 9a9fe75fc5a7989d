import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Picture } from './taskApi.ts';

/**
 * Writes one picture to `dir` as `<task id>-<index>.<format>`.
 * @returns the file's path
 * @throws Error when the bytes are not those that the API described
 */
export async function savePicture(dir: string, taskId: string, index: number, picture: Picture, bytes: Buffer) {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== picture.sha256) throw new Error(`picture ${index} of ${taskId} is not the one described (sha256)`);
  // Only the format's own name becomes part of a path: what an upstream says of itself must not.
  const format = /^image\/(png|jpeg|webp)$/.exec(picture.media_type)?.[1] ?? 'bin';
  const file = join(dir, `${taskId}-${index}.${format}`);
  await mkdir(dir, { recursive: true });
  await writeFile(file, bytes);
  return file;
}
