import { createHash, randomUUID } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  globSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';

export type S3Server = {
  url: string;
  /** ids of multipart uploads that were begun and neither completed nor aborted */
  openUploads: () => string[];
  /** methods and kinds of what was asked, in order: `PUT part`, `HEAD object`, … */
  asked: string[];
  close(): Promise<void>;
};

/** Keys in one page of a list; small, so that few objects need several pages. */
const pageMax = 100;

/**
 * For tests: as much of S3 as our driver speaks, in path style, kept as files under a directory. Signatures are not
 * checked. Source: the Amazon S3 API reference.
 */
export async function s3Server(directory: string, bucket: string): Promise<S3Server> {
  const objects = join(directory, 'objects');
  const uploads = join(directory, 'uploads');
  mkdirSync(objects, { recursive: true });
  mkdirSync(uploads, { recursive: true });
  const asked: string[] = [];
  const answer = async (req: IncomingMessage, res: ServerResponse) => {
    const { pathname, searchParams: query } = new URL(req.url!, 'http://localhost');
    const [, inBucket, ...steps] = decodeURIComponent(pathname).split('/');
    const key = steps.join('/');
    const kind = query.has('uploads')
      ? 'uploads'
      : query.has('partNumber')
        ? 'part'
        : query.has('uploadId')
          ? 'upload'
          : '';
    asked.push(`${req.method} ${kind || (key ? 'object' : 'bucket')}`);
    if (inBucket !== bucket) return refuse(res, 404, 'NoSuchBucket');
    if (key === '') return req.method === 'HEAD' ? res.end() : list(res, objects, query);
    if (kind !== '') return multipart(req, res, { kind, query, key, objects, uploads });
    return object(req, res, join(objects, key));
  };
  // A client that dies over its request leaves nothing to answer.
  const server = createServer((req, res) => void answer(req, res).catch(() => res.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    openUploads: () => globSync('*', { cwd: uploads }),
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function object(req: IncomingMessage, res: ServerResponse, path: string): Promise<unknown> {
  if (req.method === 'PUT') {
    const etag = await receive(req, path);
    return res.setHeader('etag', etag).end();
  }
  const there = existsSync(path) && statSync(path).isFile();
  if (req.method === 'DELETE') {
    if (there) rmSync(path);
    return res.writeHead(204).end();
  }
  if (!there) return refuse(res, 404, 'NoSuchKey');
  const { size } = statSync(path);
  const range = /^bytes=(\d+)-(\d+)$/.exec(req.headers.range ?? '');
  const [start, end] = range ? [Number(range[1]), Math.min(Number(range[2]), size - 1)] : [0, size - 1];
  res.writeHead(range ? 206 : 200, { 'content-length': end - start + 1, 'content-type': 'application/octet-stream' });
  if (req.method === 'HEAD' || size === 0) return res.end();
  return pipeline(createReadStream(path, { start, end }), res);
}

type Part = { kind: string; query: URLSearchParams; key: string; objects: string; uploads: string };

async function multipart(req: IncomingMessage, res: ServerResponse, { kind, query, key, objects, uploads }: Part) {
  const begin = kind === 'uploads';
  const id = begin ? randomUUID() : query.get('uploadId')!;
  const upload = join(uploads, id);
  if (begin) {
    mkdirSync(upload);
    return xml(res, `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
  }
  if (!existsSync(upload)) return refuse(res, 404, 'NoSuchUpload');
  if (kind === 'part') {
    const number = query.get('partNumber')!.padStart(5, '0');
    return res.setHeader('etag', await receive(req, join(upload, number))).end();
  }
  if (req.method === 'POST') {
    req.resume();
    const whole = join(uploads, `${id}.whole`);
    for (const part of globSync('*', { cwd: upload }).sort()) {
      await pipeline(createReadStream(join(upload, part)), createWriteStream(whole, { flags: 'a' }));
    }
    place(whole, join(objects, key));
  }
  rmSync(upload, { recursive: true });
  if (req.method === 'DELETE') return res.writeHead(204).end();
  return xml(res, '<CompleteMultipartUploadResult><ETag>whole</ETag></CompleteMultipartUploadResult>');
}

/** Takes a body in; the object appears only when all of it has arrived. */
async function receive(req: IncomingMessage, path: string): Promise<string> {
  const half = join(dirname(path), `.${randomUUID()}`);
  mkdirSync(dirname(half), { recursive: true });
  const hash = createHash('md5');
  req.on('data', (bytes) => hash.update(bytes));
  await pipeline(req, createWriteStream(half)).catch((error) => {
    rmSync(half, { force: true });
    throw error;
  });
  place(half, path);
  return `"${hash.digest('hex')}"`;
}

function place(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  renameSync(from, to);
}

function list(res: ServerResponse, objects: string, query: URLSearchParams) {
  const files = globSync('**/*', { cwd: objects, withFileTypes: true }).filter((entry) => entry.isFile());
  const prefix = query.get('prefix') ?? '';
  const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
  const keys = files
    .map((entry) => relative(objects, join(entry.parentPath, entry.name)))
    .filter((key) => key.startsWith(prefix) && key > after)
    .sort();
  const isGrouped = query.get('delimiter') === '/';
  const items = isGrouped ? [...new Set(keys.map((key) => key.replace(/\/.*/, '/')))].filter((it) => it > after) : keys;
  const size = Math.min(pageMax, Number(query.get('max-keys') ?? pageMax));
  const page = items.slice(0, size);
  const more = items.length > size;
  const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
  const shown = (item: string) =>
    isGrouped && item.endsWith('/')
      ? `<CommonPrefixes><Prefix>${item}</Prefix></CommonPrefixes>`
      : `<Contents><Key>${item}</Key><Size>${statSync(join(objects, item)).size}</Size></Contents>`;
  const contents = page.map(shown).join('');
  return xml(res, `<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${contents}</ListBucketResult>`);
}

const xml = (res: ServerResponse, body: string) =>
  res.setHeader('content-type', 'application/xml').end(`<?xml version="1.0" encoding="UTF-8"?>${body}`);

function refuse(res: ServerResponse, status: number, code: string) {
  res.statusCode = status;
  return xml(res, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}
