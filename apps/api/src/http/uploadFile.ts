import { PassThrough, type Readable } from 'node:stream';
import { fieldProblem, Problem } from '@darkroom/shared/errors';
import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import type { Request } from 'express';

/** What a form brought with its one file. */
export type Upload<T> = { filename: string; fields: ReadonlyMap<string, string>; kept: T };

/** More than any form with one file has. */
const fieldsMax = 20;

/**
 * Reads a form with one file in `file`, handing the file's bytes on as they come.
 * @param keep  takes the bytes; it rejects when they break off, and nothing may be left of them then
 * @throws Problem `payload_too_large`, `invalid_request`; whatever `keep` throws
 */
export async function uploadFile<T>(
  req: Request,
  bytesMax: number,
  keep: (bytes: Readable) => Promise<T>,
): Promise<Upload<T>> {
  if (!req.is('multipart/form-data')) {
    throw new Problem(
      'unsupported_media_type',
      'Send the file as a form: `multipart/form-data` with `file` and `purpose`.',
    );
  }
  const { promise: formRead, resolve, reject } = Promise.withResolvers<void>();
  const fields = new Map<string, string>();
  let file: { filename: string; kept: Promise<T> } | undefined;
  let bytes: PassThrough | undefined;
  const refuse = (problem: Problem) => {
    req.unpipe(parser);
    // The rest of the body is let go by, so that the client reads the answer.
    req.resume();
    bytes?.destroy(problem);
    reject(problem);
  };
  const parser = openParser(req, bytesMax);
  parser.on('field', (name, value) => fields.set(name, value));
  parser.on('file', (name, stream, filename) => {
    if (name !== 'file' || file) {
      stream.resume();
      return refuse(fieldProblem('invalid_request', name.slice(0, 64), 'A form holds one file, in `file`.'));
    }
    bytes = new PassThrough();
    stream.on('limit', () => refuse(fieldProblem('payload_too_large', 'file', `A file may have ${bytesMax} bytes.`)));
    stream.on('error', () => refuse(unreadable));
    stream.pipe(bytes);
    file = { filename: (filename ?? 'file').replace(/[^\w. -]/g, '_').slice(0, 200), kept: keep(bytes) };
    file.kept.catch((error) => reject(error));
  });
  parser.on('error', () => refuse(unreadable));
  parser.on('finish', resolve);
  req.on('aborted', () => refuse(unreadable));
  req.pipe(parser);
  await formRead;
  if (!file) throw fieldProblem('invalid_request', 'file', 'The form must hold a file, in `file`.');
  return { filename: file.filename, fields, kept: await file.kept };
}

const unreadable = new Problem('invalid_request', 'The form did not arrive whole.');

function openParser(req: Request, bytesMax: number) {
  try {
    return new Busboy({
      headers: req.headers as BusboyHeaders,
      limits: { fileSize: bytesMax, files: 2, fields: fieldsMax, fieldSize: 64 * 1024, fieldNameSize: 100 },
    });
  } catch {
    throw unreadable;
  }
}
