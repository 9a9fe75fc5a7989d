/** More bytes came than were allowed. */
export class TooLarge extends Error {
  override name = 'TooLarge';
}

/**
 * Passes bytes on, and breaks off as soon as there are more than `bytesMax`.
 * @throws TooLarge
 */
export async function* bounded(source: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Uint8Array, void> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new TooLarge(`it is larger than ${bytesMax} bytes`);
    yield chunk;
  }
}
