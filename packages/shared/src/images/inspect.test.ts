import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatOf, mediaTypeOf } from './formats.ts';
import { Inspector, inspectBytes } from './inspect.ts';
import { Unreadable } from './structure/walk.ts';
import { pictures } from './testing/pictures.ts';

const all = Object.entries(pictures);

/** Judges bytes that arrive in the given pieces. */
function inspect(bytes: Uint8Array, cuts: number[] = [], mayTrail = false) {
  const inspector = new Inspector(formatOf(bytes)!, { mayTrail });
  const edges = [...cuts, bytes.length].sort((a, b) => a - b);
  let start = 0;
  for (const end of edges) {
    inspector.feed(bytes.subarray(start, end));
    start = end;
  }
  return inspector.end();
}

describe.each(all)('a real picture: %s', (name, bytes) => {
  test('is what it is', () => {
    expect(inspectBytes(bytes)).toMatchObject({
      width: 24,
      height: 16,
      bytes: bytes.length,
      media_type: `image/${/^[a-z]+/.exec(name)}`,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
  });

  test('is the same however its bytes are split', () => {
    const whole = inspect(bytes);
    const cuts = fc.array(fc.nat({ max: bytes.length }), { maxLength: 40 });
    fc.assert(
      fc.property(cuts, (edges) => {
        expect(inspect(bytes, edges)).toEqual(whole);
      }),
    );
    expect(inspect(bytes, [...bytes.keys()])).toEqual(whole);
  });

  test('is unreadable when it is cut off, wherever that is', () => {
    for (let length = 12; length < bytes.length; length++) {
      expect(() => inspectBytes(bytes.subarray(0, length)), `${length} bytes`).toThrow(Unreadable);
    }
  });

  test('may be followed by other bytes only where that is allowed', () => {
    const trailing = Buffer.concat([bytes, Buffer.from('PK\x03\x04')]);
    expect(() => inspect(trailing)).toThrow('bytes follow the end of the picture');
    expect(() => inspect(trailing, [bytes.length])).toThrow('bytes follow the end of the picture');
    const { sha256, ...seen } = inspect(trailing, [7], true);
    expect(seen).toMatchObject({ width: 24, height: 16, bytes: trailing.length });
    expect(sha256).toBe(createHash('sha256').update(trailing).digest('hex'));
  });

  test('passes through unchanged while it is judged', async () => {
    const inspector = new Inspector(formatOf(bytes)!, { mayTrail: false });
    async function* rest() {
      for (let i = 20; i < bytes.length; i += 17) yield bytes.subarray(i, i + 17);
    }
    const passed = await Array.fromAsync(inspector.pass(bytes.subarray(0, 20), rest()));
    expect(Buffer.concat(passed).equals(bytes)).toBe(true);
    expect(inspector.end()).toEqual(inspect(bytes));
    expect(inspector.end()).toEqual(inspect(bytes));
  });

  test('that breaks off on its way is never passed on as a whole', async () => {
    const inspector = new Inspector(formatOf(bytes)!, { mayTrail: true });
    async function* rest() {
      yield bytes.subarray(20, -1);
    }
    await expect(Array.fromAsync(inspector.pass(bytes.subarray(0, 20), rest()))).rejects.toThrow(Unreadable);
  });

  test('with any byte changed is a picture or unreadable, nothing else', () => {
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const changed = Buffer.from(bytes);
        changed[at] = value;
        expectPictureOrUnreadable(changed);
      }),
      { numRuns: 500 },
    );
  });
});

function expectPictureOrUnreadable(bytes: Uint8Array) {
  try {
    const { width, height } = inspectBytes(bytes);
    expect(width > 0 && height > 0 && width * height <= 100_000_000).toBe(true);
  } catch (error) {
    expect(error).toBeInstanceOf(Unreadable);
  }
}

test('random bytes, with or without the beginning of a picture, are unreadable and nothing worse', () => {
  const starts = all.flatMap(([, bytes]) => [0, 2, 12, 16, 30].map((length) => bytes.subarray(0, length)));
  const bytes = fc
    .tuple(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 400, size: 'max' }))
    .map(([start, rest]) => Buffer.concat([start, rest]));
  fc.assert(fc.property(bytes, expectPictureOrUnreadable), { numRuns: 3000 });
});

const polyglots = { zip: 'PK\x03\x04', html: '<!doctype html><script>1</script>', pdf: '%PDF-1.7\n', gif: 'GIF89a' };
test.for(
  Object.entries(polyglots).flatMap(([what, text]) => all.map(([name, bytes]) => ({ what, text, name, bytes }))),
)('a $what before or behind a $name is refused', ({ text, bytes }) => {
  expect(() => inspectBytes(Buffer.concat([Buffer.from(text, 'latin1'), bytes]))).toThrow(Unreadable);
  expect(() => inspectBytes(Buffer.concat([bytes, Buffer.from(text, 'latin1')]))).toThrow(Unreadable);
});

test.each(['', 'GIF89a', '<svg xmlns="http://www.w3.org/2000/svg"/>', '{"code":"success"}', 'RIFF\0\0\0\0WAVEfmt '])(
  '%j is none of our formats',
  (text) => expect(() => inspectBytes(Buffer.from(text, 'latin1'))).toThrow('neither a PNG, a JPEG nor a WebP'),
);

test('a stored picture’s media type follows from its name', () => {
  expect(['0.png', '0.jpg', '0.webp', 'manifest.json', 'png', ''].map(mediaTypeOf)).toEqual([
    ...['image/png', 'image/jpeg', 'image/webp', undefined, undefined, undefined],
  ]);
});
