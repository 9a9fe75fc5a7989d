import { pipeline } from 'node:stream/promises';
import {
  type FileId,
  fileKey,
  forgetFile,
  isFileId,
  keepFile,
  newFileId,
  readFile,
  type StoredFile,
} from '@darkroom/shared/batches';
import { fieldProblem, Problem } from '@darkroom/shared/errors';
import type { ObjectStore } from '@darkroom/shared/images';
import type { Records } from '@darkroom/shared/tasks';
import type { RequestHandler } from 'express';
import { apiKeyOf } from '../http/authenticate.ts';
import { openaiPage, parseOpenaiPage } from '../http/openaiPage.ts';
import { uploadFile } from '../http/uploadFile.ts';

/** Largest input file, as OpenAI's. */
const fileBytesMax = 200 * 2 ** 20;

type Deps = {
  records: Records;
  store: ObjectStore;
  /** whether a batch that has not ended reads the file */
  isInUse: (keyId: string, fileId: string) => Promise<boolean>;
  retentionMs: number;
  now: () => number;
};

/** `POST /v1/files`: a form with `file` and `purpose=batch`, streamed to storage. */
export function uploadFileRoute(deps: Deps): RequestHandler {
  const { records, store, now } = deps;
  return async (req, res) => {
    const { id: key_id } = apiKeyOf(res);
    const id = newFileId();
    const { filename, fields } = await uploadFile(req, fileBytesMax, (body) =>
      keep(store.put(fileKey(id), body, 'application/jsonl')),
    );
    if (fields.get('purpose') !== 'batch') {
      await store.removeFolder(id);
      throw fieldProblem('invalid_request', 'purpose', '`purpose` must be `batch`.');
    }
    const { bytes } = (await keep(store.stat(fileKey(id)))) ?? { bytes: 0 };
    const file: StoredFile = { id, key_id, filename, purpose: 'batch', bytes, created_at_ms: now() };
    await keepFile(records, file);
    res.json(publicFile(file, deps));
  };
}

/** `GET /v1/files`: newest first, as OpenAI lists. */
export function listFilesRoute(deps: Deps): RequestHandler {
  const { records } = deps;
  return async (req, res) => {
    const { id: keyId } = apiKeyOf(res);
    const page = parseOpenaiPage(req.query);
    const index = records.keys.filesOf(keyId);
    const { items, has_more } = await openaiPage(records.redis, index, page, async (id) => {
      const file = await readFile(records, id as FileId);
      const wanted = req.query.purpose === undefined || file?.purpose === req.query.purpose;
      return file?.key_id === keyId && wanted ? publicFile(file, deps) : undefined;
    });
    res.json({
      object: 'list',
      data: items,
      has_more,
      first_id: items[0]?.id ?? null,
      last_id: items.at(-1)?.id ?? null,
    });
  };
}

/** `GET /v1/files/{id}`. */
export function fileRoute(deps: Deps): RequestHandler {
  return async (req, res) => {
    res.json(publicFile(await findFile(deps.records, apiKeyOf(res).id, req.params.file_id), deps));
  };
}

/** `GET /v1/files/{id}/content`: the bytes, streamed from storage. */
export function fileContentRoute({ records, store }: Deps): RequestHandler {
  return async (req, res) => {
    const file = await findFile(records, apiKeyOf(res).id, req.params.file_id);
    const body = await keep(store.open(fileKey(file.id)));
    if (!body) throw noFile();
    res.set({
      'content-type': 'application/jsonl',
      'content-length': String(file.bytes),
      'content-disposition': `attachment; filename="${file.filename}"`,
      'x-content-type-options': 'nosniff',
    });
    try {
      await pipeline(body, res);
    } catch (error) {
      if (!res.headersSent) throw error;
      res.destroy();
    }
  };
}

/** `DELETE /v1/files/{id}`: not while a batch reads it. */
export function deleteFileRoute({ records, store, isInUse }: Deps): RequestHandler {
  return async (req, res) => {
    const file = await findFile(records, apiKeyOf(res).id, req.params.file_id);
    if (await isInUse(file.key_id, file.id)) {
      res.set('x-should-retry', 'false');
      throw new Problem('file_in_use', 'A batch that has not ended reads this file; cancel it, or wait for its end.');
    }
    await keep(store.removeFolder(file.id));
    await forgetFile(records, file);
    res.json({ id: file.id, object: 'file', deleted: true });
  };
}

/** Finds a client's file. Another client's is word for word the one that never was. @throws Problem `file_not_found` */
export async function findFile(records: Records, keyId: string, id: unknown): Promise<StoredFile> {
  const file = typeof id === 'string' && isFileId(id) ? await readFile(records, id) : undefined;
  if (file?.key_id !== keyId) throw noFile();
  return file;
}

const noFile = () => new Problem('file_not_found', 'There is no such file.');

const publicFile = (file: StoredFile, { retentionMs }: Deps) => ({
  id: file.id,
  object: 'file',
  bytes: file.bytes,
  created_at: Math.floor(file.created_at_ms / 1000),
  expires_at: Math.floor((file.created_at_ms + retentionMs) / 1000),
  filename: file.filename,
  purpose: file.purpose,
  status: 'processed',
});

async function keep<T>(storage: Promise<T>): Promise<T> {
  try {
    return await storage;
  } catch (error) {
    if (error instanceof Problem) throw error;
    const message = 'Storage cannot be reached; nothing was changed. Try again.';
    throw new Problem('storage_unavailable', message, { retryAfterSeconds: 5, cause: error });
  }
}
