import type { UploadedFile } from '@darkroom/shared/dialects';
import { fieldProblem, Problem } from '@darkroom/shared/errors';
import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import type { Request } from 'express';

export type Form = { fields: Record<string, unknown>; files: UploadedFile[] };

type FormLimits = {
  /** of the whole body */
  body_bytes: number;
  /** of each file */
  file_bytes: number;
  files: number;
};

/** A prompt of 32,000 characters takes 128,000 bytes at most; no field needs more. */
const fieldBytesMax = 256 * 1024;
/** More than any request of ours has. */
const fieldsMax = 100;

/**
 * Reads a form of bounded size: its fields as an object (`labels[team]` and `webhook_events[]` nest), its files as bytes.
 * @throws Problem `payload_too_large`, `invalid_request`
 */
export async function readMultipart(req: Request, limits: FormLimits): Promise<Form> {
  const form: Form = { fields: {}, files: [] };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const parser = openParser(req, limits);
  const refuse = (problem: Problem) => {
    req.unpipe(parser);
    // The rest of the body is let go by, so that the client reads the answer.
    req.resume();
    reject(problem);
  };
  parser.on('field', (name, value, _nameTruncated, truncated) => {
    if (truncated) refuse(fieldProblem('payload_too_large', shown(name), `A field may have ${fieldBytesMax} bytes.`));
    else if (!addField(form.fields, name, value)) refuse(unreadable(`the field ${shown(name)} cannot be read`));
  });
  parser.on('file', (name, stream) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('limit', () => refuse(tooLarge(name, limits.file_bytes)));
    stream.on('end', () => form.files.push({ field: shown(name), bytes: Buffer.concat(chunks) }));
    stream.on('error', () => undefined);
  });
  for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
    parser.on(limit, () => refuse(unreadable(`it has more than ${limits.files} files or ${fieldsMax} fields`)));
  }
  parser.on('error', () => refuse(unreadable('it is not a whole form')));
  parser.on('finish', resolve);
  req.on('aborted', () => refuse(unreadable('it did not arrive whole')));
  let bytes = 0;
  req.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > limits.body_bytes) refuse(new Problem('payload_too_large', 'The body is too large; send URLs.'));
  });
  req.pipe(parser);
  await promise;
  return form;
}

function openParser(req: Request, { file_bytes, files }: FormLimits) {
  try {
    return new Busboy({
      headers: req.headers as BusboyHeaders,
      limits: { fileSize: file_bytes + 1, files, fields: fieldsMax, fieldSize: fieldBytesMax, fieldNameSize: 200 },
    });
  } catch {
    throw unreadable('its boundary is missing or cannot be used');
  }
}

/** Puts a field into its place. @returns false for a name that nests in a way no request of ours does */
function addField(fields: Record<string, unknown>, name: string, value: string): boolean {
  const match = /^(\w{1,64})(?:\[([\w .:-]{0,64})\])?$/.exec(name);
  if (!match || match.includes('__proto__')) return false;
  const [, field, member] = match as unknown as [string, string, string | undefined];
  if (member === undefined) {
    Object.defineProperty(fields, field, { value, enumerable: true, configurable: true, writable: true });
    return true;
  }
  const isList = /^\d*$/.test(member);
  const container = Object.hasOwn(fields, field) ? fields[field] : isList ? [] : {};
  if (typeof container !== 'object' || Array.isArray(container) !== isList) return false;
  if (Array.isArray(container)) container.push(value);
  else Object.defineProperty(container, member, { value, enumerable: true });
  Object.defineProperty(fields, field, { value: container, enumerable: true, configurable: true, writable: true });
  return true;
}

const shown = (name: string) => name.replace(/\[.*$/s, '').slice(0, 64);

const tooLarge = (name: string, bytes: number) =>
  fieldProblem('payload_too_large', shown(name), `An image may have at most ${bytes} bytes; send it as a URL.`);

const unreadable = (why: string) => new Problem('invalid_request', `The form cannot be used: ${why}.`);
