import { CannotGoOn } from '../cannotGoOn.ts';

const [star, dollar, hash, carriageReturn] = [0x2a, 0x24, 0x23, 0x0d];

/** The digits of a length; a longer line is none. */
const digitsMax = 20;

/**
 * Passes an append-only file on up to its last whole command; a transaction counts as one. Redis may be in the middle of
 * the next one while the file is read. No command is split over two of the buffers.
 * @throws CannotGoOn at the first byte that begins no command
 */
export async function* wholeCommands(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let pending = Buffer.alloc(0);
  let passed = 0;
  for await (const chunk of chunks) {
    pending = pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([pending, chunk]);
    const whole = wholeIn(pending, passed);
    if (whole === 0) continue;
    yield pending.subarray(0, whole);
    passed += whole;
    pending = pending.subarray(whole);
  }
}

/** @param offset  of the buffer within the file, for the message @returns how many bytes are whole commands */
function wholeIn(buffer: Buffer, offset: number): number {
  let whole = 0;
  let inTransaction = false;
  for (let at = 0; at < buffer.length; ) {
    const command = commandAt(buffer, at, offset);
    if (!command) break;
    at = command.end;
    if (command.name === 'MULTI') inTransaction = true;
    if (command.name === 'EXEC') inTransaction = false;
    if (!inTransaction) whole = at;
  }
  return whole;
}

/** @returns undefined where the buffer ends within the command */
function commandAt(buffer: Buffer, start: number, offset: number): { end: number; name: string } | undefined {
  // An annotation, such as the time at which the following was written.
  if (buffer[start] === hash) {
    const end = buffer.indexOf('\r\n', start);
    return end < 0 ? undefined : { end: end + 2, name: '' };
  }
  const count = lengthAt(buffer, start, star, offset);
  if (!count) return undefined;
  let at = count.end;
  let name = '';
  for (let word = 0; word < count.value; word++) {
    const length = lengthAt(buffer, at, dollar, offset);
    if (!length || length.end + length.value + 2 > buffer.length) return undefined;
    if (word === 0) name = buffer.toString('latin1', length.end, length.end + length.value).toUpperCase();
    at = length.end + length.value + 2;
  }
  return { end: at, name };
}

/** A line such as `*3` or `$5`. @returns undefined where the buffer ends within it */
function lengthAt(buffer: Buffer, at: number, kind: number, offset: number) {
  if (at >= buffer.length) return undefined;
  const line = buffer.toString('latin1', at + 1, at + 1 + digitsMax);
  const digits = /^\d*/.exec(line)![0].length;
  const isOver = at + 1 + digits >= buffer.length;
  if (buffer[at] !== kind || (!isOver && (digits === 0 || buffer[at + 1 + digits] !== carriageReturn))) {
    throw new CannotGoOn(`The append-only file is damaged at byte ${offset + at}: no command of Redis begins there.`);
  }
  const end = at + 1 + digits + 2;
  return isOver || end > buffer.length ? undefined : { value: Number(line.slice(0, digits)), end };
}

/** A command as it stands in an append-only file. */
export function commandOf(...words: string[]): Buffer {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return Buffer.from(`*${words.length}\r\n${parts.join('')}`);
}
