import { z } from 'zod';
import { refuseProto } from '../errors/index.ts';
import type { BatchEndpoint, BatchError } from './batchRecord.ts';

/** A line of an input file. `next_byte`: where the next one begins, counted from the file's begin. */
export type Line = { line: number; text: string; next_byte: number };

/** Thrown for a line that no request can be as long as. */
export class LineTooLong extends Error {
  override name = 'LineTooLong';
  readonly line: number;

  constructor(line: number) {
    super(`line ${line + 1} is too long`);
    this.line = line;
  }
}

const newline = 0x0a;

/**
 * The lines of a file as its bytes come; one line is in memory at a time. Empty lines are no lines, but are counted in
 * `next_byte`.
 * @param from  where the bytes begin within the file, and the number of the first line there
 * @param bytesMax  of a line
 * @throws LineTooLong; whatever the source throws
 */
export async function* readLines(
  source: AsyncIterable<Uint8Array>,
  from: { line: number; byte: number },
  bytesMax: number,
): AsyncGenerator<Line> {
  let { line, byte } = from;
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  const take = (end: Uint8Array): string => {
    const text = Buffer.concat([...held, end])
      .toString('utf8')
      .trim();
    byte += heldBytes + end.length;
    held = [];
    heldBytes = 0;
    return text;
  };
  for await (const chunk of source) {
    let rest = chunk;
    for (let at = rest.indexOf(newline); at >= 0; at = rest.indexOf(newline)) {
      const text = take(rest.subarray(0, at));
      byte += 1;
      rest = rest.subarray(at + 1);
      if (text !== '') yield { line: line++, text, next_byte: byte };
    }
    held.push(rest);
    heldBytes += rest.length;
    if (heldBytes > bytesMax) throw new LineTooLong(line);
  }
  const text = take(new Uint8Array());
  if (text !== '') yield { line, text, next_byte: byte };
}

const LineShape = z.object({
  custom_id: z.string().min(1).max(512),
  method: z.literal('POST', 'must be POST'),
  url: z.string(),
  body: z.record(z.string(), z.unknown()),
});

/** A request line of an input file; what its `body` says is for the endpoint's dialect to judge. */
export type RequestLine = z.infer<typeof LineShape>;

/** Reads the structure of a line: OpenAI's `{"custom_id", "method", "url", "body"}`. */
export function parseLine({ line, text }: Line, endpoint: BatchEndpoint): RequestLine | BatchError {
  const wrong = (code: string, message: string, param: string | null): BatchError => ({
    code,
    message,
    param,
    line: line + 1,
  });
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''), refuseProto);
  } catch {
    return wrong('invalid_json_line', 'This line is not valid JSON.', null);
  }
  const parsed = LineShape.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const param = issue?.path.join('.') || null;
    return wrong('invalid_request', `${param ? `\`${param}\`` : 'The line'}: ${issue?.message}.`, param);
  }
  if (parsed.data.url !== endpoint) {
    return wrong('invalid_url', `\`url\` must be ${endpoint}, the endpoint of the batch.`, 'url');
  }
  return parsed.data;
}
