import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Line, LineTooLong, parseLine, readLines } from './readLines.ts';

async function* chunked(bytes: Uint8Array, sizes: number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function linesOf(bytes: Uint8Array, sizes = [7], from = { line: 0, byte: 0 }): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const line of readLines(chunked(bytes, sizes), from, 1000)) lines.push(line);
  return lines;
}

test('whatever the chunks, the lines are the file’s, and reading goes on at any of their ends', async () => {
  const texts = fc.array(
    fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replace(/[\r\n]/g, '')),
    { maxLength: 12 },
  );
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(texts, sizes, fc.constantFrom('\n', '\r\n'), async (all, cuts, end) => {
      const bytes = Buffer.from(all.map((text) => text + end).join(''));
      const lines = await linesOf(bytes, cuts);
      expect(lines.map(({ text }) => text)).toEqual(all.map((text) => text.trim()).filter((text) => text !== ''));
      for (const { line, next_byte } of lines) {
        const rest = await linesOf(bytes.subarray(next_byte), cuts, { line: line + 1, byte: next_byte });
        expect(rest).toEqual(lines.slice(line + 1));
      }
    }),
  );
});

test('a last line needs no end, and an endless one is refused before it is held', async () => {
  expect(await linesOf(Buffer.from('a\n\nb'))).toEqual([
    { line: 0, text: 'a', next_byte: 2 },
    { line: 1, text: 'b', next_byte: 4 },
  ]);
  await expect(linesOf(Buffer.alloc(5000, 'x'))).rejects.toBeInstanceOf(LineTooLong);
});

const whole = { custom_id: 'a', method: 'POST', url: '/v1/images/generations', body: { model: 'NanoBanana' } };
const parse = (text: string) => parseLine({ line: 4, text, next_byte: 0 }, '/v1/images/generations');

test('a line is a request of the batch’s endpoint', () => {
  expect(parse(JSON.stringify(whole))).toEqual(whole);
  expect(parse(`\uFEFF${JSON.stringify(whole)}`)).toEqual(whole);
});

test.each([
  ['{', 'invalid_json_line', null],
  ['[]', 'invalid_request', null],
  [JSON.stringify({ ...whole, custom_id: undefined }), 'invalid_request', 'custom_id'],
  [JSON.stringify({ ...whole, custom_id: 7 }), 'invalid_request', 'custom_id'],
  [JSON.stringify({ ...whole, method: 'GET' }), 'invalid_request', 'method'],
  [JSON.stringify({ ...whole, url: '/v1/chat/completions' }), 'invalid_url', 'url'],
  [JSON.stringify({ ...whole, body: 'x' }), 'invalid_request', 'body'],
])('%s is refused with its line', (text, code, param) => {
  expect(parse(text)).toMatchObject({ code, param, line: 5, message: expect.any(String) });
});
