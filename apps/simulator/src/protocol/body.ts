import type { IncomingMessage } from 'node:http';
import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import { Refused } from './refusal.ts';

/** An uploaded file: the field it came in, and its bytes. */
export type UploadedFile = { field: string; bytes: Buffer };

/** A submission's body before anyone judged it. Multipart fields are strings. */
export type SubmissionBody = { fields: Record<string, unknown>; files: UploadedFile[] };

/**
 * Reads a JSON or multipart body.
 * @param maxBytes  how much body is read at most; past it the rest is thrown away unread
 * @throws Refused 400 (not readable), 413 (too large), 415 (another content type); Error when the client went away
 */
export async function readBody(req: IncomingMessage, maxBytes: number): Promise<SubmissionBody> {
  const type = req.headers['content-type'] ?? '';
  const bytes = await collect(req, maxBytes);
  if (/^application\/json\b/i.test(type)) return { fields: parseFields(bytes), files: [] };
  if (/^multipart\/form-data\b/i.test(type)) return await parseMultipart(bytes, type);
  throw new Refused(415, 'unsupported_media_type', 'send application/json or multipart/form-data');
}

async function collect(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    total += chunk.length;
    // The rest is read and dropped, so that the answer can be read by a client that is still sending.
    if (total <= maxBytes) chunks.push(chunk);
  }
  if (total > maxBytes) throw new Refused(413, 'payload_too_large', `a body has at most ${maxBytes} bytes`);
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

function parseFields(bytes: Buffer): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new Refused(400, 'invalid_json', 'the body is not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new Refused(400, 'invalid_json', 'the body is not a JSON object');
  return parsed as Record<string, unknown>;
}

function parseMultipart(bytes: Buffer, type: string): Promise<SubmissionBody> {
  return new Promise((resolve, reject) => {
    const unreadable = () => reject(new Refused(400, 'invalid_multipart', 'the multipart body cannot be read'));
    const fields: Record<string, unknown> = {};
    const files: UploadedFile[] = [];
    let parser: InstanceType<typeof Busboy>;
    try {
      parser = new Busboy({ headers: { 'content-type': type } as BusboyHeaders });
    } catch {
      unreadable();
      return;
    }
    parser.on('field', (name, value) => {
      fields[name] = value;
    });
    parser.on('file', (field, stream) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => files.push({ field, bytes: Buffer.concat(chunks) }));
    });
    parser.on('error', unreadable);
    parser.on('finish', () => resolve({ fields, files }));
    parser.end(bytes);
  });
}
