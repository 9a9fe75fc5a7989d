import { pipeline } from 'node:stream/promises';
import { openPictureText, type Parts } from '@darkroom/shared/dialects';
import type { ObjectStore } from '@darkroom/shared/images';
import type { Response } from 'express';

/**
 * Answers with pictures within text, streamed from storage.
 * @param mediaType  of the whole
 * @throws TaskFailed `result_unavailable` when storage no longer has a picture
 */
export async function sendPictures(res: Response, store: ObjectStore, mediaType: string, parts: Parts): Promise<void> {
  const { bytes, text, destroy } = await openPictureText(store, parts);
  res.set({ 'content-type': `${mediaType}; charset=utf-8`, 'content-length': String(bytes) });
  try {
    await pipeline(text, res);
  } catch (error) {
    destroy();
    // The client hung up, or storage broke in mid-picture: the answer has begun, and its length says that it is cut off.
    if (!res.headersSent) throw error;
    res.destroy();
  }
}
